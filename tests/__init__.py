"""What must be true before any test is read."""

import os
import tempfile

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # the tests' PostgreSQL asks for one as it is imported
