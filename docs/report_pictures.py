"""Makes the pictures of the reports from the finished sample: ``python -m docs.report_pictures``.

Needs LibreOffice and pdftoppm, as ``tests/run.py`` installs them.
"""

from __future__ import annotations

import subprocess
import tempfile
from datetime import date
from pathlib import Path

from PIL import Image

from qualcode.reports import REPORTS
from qualcode.sample import build_sample

HERE = Path(__file__).parent
DAY = date(2025, 6, 30)
# Picture → the report, its pages side by side, and the width of all of them in points.
PICTURES = {
    "report-coreq.png": ("coreq", (1,), 1000),
    "report-theme.png": ("themes", (2,), 800),
    "report-journal.png": ("journal", (1, 3, 5), 1500),
    "report-decision.png": ("decision", (1, 2, 3), 1500),
}
GAP, GROUND = 16, 225


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        build_sample(Path(folder) / "sample.qualcode", finished=True) as study,
    ):
        for name, (kind, pages, width) in PICTURES.items():
            report = REPORTS[kind](study, date=DAY)  # type: ignore[call-arg]
            pdf = report.save(Path(folder) / f"{kind}.pdf")
            side_by_side(pdf, pages, width).save(HERE / name, optimize=True)


def side_by_side(pdf: Path, pages: tuple[int, ...], width: int) -> Image.Image:
    """Pages of a PDF as one picture in greys, with the yellow of what is open kept."""
    shown = [page_of(pdf, number) for number in pages]
    height = max(page.height for page in shown)
    whole = Image.new(
        "RGB",
        (sum(p.width for p in shown) + GAP * (len(shown) + 1), height + 2 * GAP),
        (GROUND, GROUND, GROUND),
    )
    left = GAP
    for page in shown:
        whole.paste(page, (left, GAP))
        left += page.width + GAP
    small = whole.resize((width, whole.height * width // whole.width), Image.Resampling.LANCZOS)
    return small.quantize(64)


def page_of(pdf: Path, number: int) -> Image.Image:
    out = pdf.with_suffix("")
    subprocess.run(
        ["pdftoppm", "-r", "110", "-f", str(number), "-l", str(number), "-singlefile", "-png",
         str(pdf), str(out)],
        check=True,
    )  # fmt: skip
    return Image.open(out.with_suffix(".png")).convert("RGB")


if __name__ == "__main__":
    main()
