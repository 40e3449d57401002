"""Every Python that a test starts imports this first, and stays on this machine too."""

import os

if report := os.environ.get("QUALCODE_WATCH"):
    from network_watch import watch

    def tell(attempt: str) -> None:
        with open(report, "a", encoding="utf-8") as file:
            file.write(f"{attempt} (process {os.getpid()})\n")

    watch(tell)
