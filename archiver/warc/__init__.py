"""WARC files: written, read and checked here, and nowhere else."""
