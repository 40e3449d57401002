"""How fast qualcode is: each figure beside a reference that was measured in the same run.

``python -m benchmarks.run`` from the project's folder; ``docs/benchmarks.md`` says what is what.
"""
