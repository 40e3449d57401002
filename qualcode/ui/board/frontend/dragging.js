// The board by mouse, pen and finger: a card or a theme is taken and let fall. A finger takes it by
// its grip, so that it can scroll everywhere else.

const FAR = 6; // pixels after which a press is a drag
const EDGE = 48; // pixels from an edge within which the lanes scroll
const SPEED = 14;
const INTO = 0.28; // a theme held over the outer parts of a lane goes beside it

export class Dragging {
  hasMoved = false; // the last press was a drag, whose click opens nothing
  #held = null;
  #target = null;
  #ghost = null;
  #frame = 0;
  #listening = new AbortController();

  constructor(board) {
    this.board = board;
    const { signal } = this.#listening;
    const { root } = board;
    root.addEventListener("pointerdown", (event) => this.#press(event), { signal });
    root.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
    window.addEventListener("pointermove", (event) => this.#move(event), { signal });
    window.addEventListener("pointerup", (event) => this.#release(event), { signal });
    window.addEventListener("pointercancel", () => this.#end(), { signal });
    window.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape" || !this.#ghost) return;
        event.stopPropagation();
        this.#end();
      },
      { signal, capture: true },
    );
  }

  get isBusy() {
    return this.#ghost !== null;
  }

  destroy() {
    this.#end();
    this.#listening.abort();
  }

  #press(event) {
    this.hasMoved = false;
    const item = event.target.closest("[data-key]");
    const grip = event.target.closest(".qb-grip");
    const card = item ?? grip?.parentElement.querySelector("[data-key]");
    if (!card || event.button !== 0 || this.board.readonly || this.board.hands.isBusy) return;
    if (event.pointerType === "touch" && !grip) return;
    this.#held = { card, x: event.clientX, y: event.clientY, pointer: event.pointerId };
  }

  #move(event) {
    const held = this.#held;
    if (!held || event.pointerId !== held.pointer) return;
    if (!this.#ghost) {
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < FAR) return;
      this.#begin(held);
    }
    event.preventDefault();
    Object.assign(held, { x: event.clientX, y: event.clientY });
    this.#ghost.style.transform = `translate(${held.x + 10}px, ${held.y + 8}px)`;
    this.#aim();
  }

  #begin({ card }) {
    this.hasMoved = true;
    this.board.menu.close();
    this.#ghost = card.cloneNode(true);
    this.#ghost.classList.add("qb-ghost");
    this.#ghost.removeAttribute("data-key");
    this.#ghost.setAttribute("aria-hidden", "true");
    this.#ghost.tabIndex = -1;
    this.board.root.append(this.#ghost);
    card.classList.add("qb-held");
    this.board.root.classList.add("qb-dragging");
    const scroll = () => {
      this.#scroll();
      this.#frame = requestAnimationFrame(scroll);
    };
    this.#frame = requestAnimationFrame(scroll);
  }

  #aim() {
    const { x, y, card } = this.#held;
    const under = document.elementFromPoint(x, y);
    const lane = under?.closest?.(".qb-lane");
    this.#target =
      lane && this.board.root.contains(lane)
        ? card.dataset.theme !== undefined
          ? this.#slot(lane, x, card.dataset.theme)
          : this.#group(lane, under, card.dataset)
        : null;
    this.board.lanes.mark(this.#target);
  }

  #group(lane, under, { candidate }) {
    const group = under.closest(".qb-part")?.dataset.part ?? lane.dataset.lane;
    if (group === "candidates" || group === "new") return null;
    return group === "" && candidate !== undefined ? null : { group };
  }

  #slot(lane, x, id) {
    const { themes } = this.board;
    const over = lane.dataset.lane;
    const lanes = [...this.board.lanes.lanes.querySelectorAll(".qb-lane:not(.qb-tray)")].map(
      ({ dataset }) => dataset.lane,
    );
    if (over === "") return { parent: "", before: lanes[0] ?? "" };
    if (over === "candidates" || over === "new") return { parent: "", before: "" };
    const { left, width } = lane.getBoundingClientRect();
    const share = (x - left) / width;
    const isWhole = themes.some((theme) => theme.parent === id);
    const mayGoIn = over !== id && !isWhole;
    if (mayGoIn && share > INTO && share < 1 - INTO) return { parent: over, before: "" };
    const next = lanes[lanes.indexOf(over) + 1] ?? "";
    return { parent: "", before: share < 0.5 ? over : next };
  }

  #scroll() {
    const { x, y } = this.#held;
    const { lanes } = this.board.lanes;
    const frame = lanes.getBoundingClientRect();
    if (x < frame.left + EDGE) lanes.scrollLeft -= SPEED;
    else if (x > frame.right - EDGE) lanes.scrollLeft += SPEED;
    const body = document.elementFromPoint(x, y)?.closest?.(".qb-body");
    if (!body) return;
    const box = body.getBoundingClientRect();
    if (y < box.top + EDGE) body.scrollTop -= SPEED;
    else if (y > box.bottom - EDGE) body.scrollTop += SPEED;
  }

  #release(event) {
    if (!this.#held || event.pointerId !== this.#held.pointer) return;
    if (this.#ghost) this.#aim();
    const [target, { card }, wasDrag] = [this.#target, this.#held, this.isBusy];
    this.#end();
    if (wasDrag && target) this.board.drop({ ...card.dataset }, target, event.altKey || event.shiftKey);
  }

  #end() {
    cancelAnimationFrame(this.#frame);
    this.#held?.card.classList.remove("qb-held");
    this.#ghost?.remove();
    this.board.root.classList.remove("qb-dragging");
    this.board.lanes.mark(null);
    this.#held = this.#target = this.#ghost = null;
    this.board.free();
  }
}
