"""What the workers need, imported before they are forked."""

import archiver.discover
import archiver.extract
from tests.crawl.site import story
from tests.samples import capture

archiver.extract.read(capture(body=story("warm").encode()))
