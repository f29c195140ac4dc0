"""The published schemas of CI systems, as check-jsonschema carries them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def problems(schema: str, file: Path) -> str:
    """What is wrong with a file, "" if nothing.

    Args:
        schema: check-jsonschema's name of it, such as github-workflows.
        file: YAML or JSON.
    """
    # Two systems have YAML of their own kind; the others know no transformation.
    kind = ["--data-transform", schema] if schema in {"azure-pipelines", "gitlab-ci"} else []
    command = [sys.executable, "-m", "check_jsonschema", "--quiet", "--verbose", *kind]
    options = ["--builtin-schema", f"vendor.{schema}", "--regex-variant", "nonunicode"]
    done = subprocess.run(
        [*command, *options, str(file)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr or "refused"
