"""What holds for every test."""

from __future__ import annotations

import warnings

from scrapy.exceptions import ScrapyDeprecationWarning

# Here and not in pyproject.toml: Python ignores the -W spelling of a class outside its builtins.
warnings.simplefilter("error", ScrapyDeprecationWarning)
