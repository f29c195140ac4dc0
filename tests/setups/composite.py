"""Runs the bash steps of a composite action as GitHub's runner does.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

import yaml

ACTION = Path(__file__).parents[2] / "action.yml"

_EXPRESSION = re.compile(r"\$\{\{ *(inputs|steps)\.([\w.-]+) *\}\}")
_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")


class Input(TypedDict):
    default: str


class StepData(TypedDict):
    id: NotRequired[str]
    shell: str
    env: dict[str, str]
    run: str


class Runs(TypedDict):
    using: str
    steps: list[StepData]


class Metadata(TypedDict):
    """What an action's metadata holds, as far as it is used here."""

    inputs: dict[str, Input]
    runs: Runs


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its id, "" for none; the script; its variables, with expressions as written."""

    id: str
    script: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a step ended, what it wrote to both streams in one, and its outputs."""

    status: int
    text: str
    outputs: Mapping[str, str]


def steps() -> tuple[Step, ...]:
    """The steps of the action, in order."""
    found = []
    for step in metadata()["runs"]["steps"]:
        assert step["shell"] == "bash"
        found.append(Step(step.get("id", ""), step["run"], step["env"]))
    return tuple(found)


def metadata() -> Metadata:
    """The content of action.yml."""
    content: Metadata = yaml.safe_load(ACTION.read_text("utf-8"))
    return content


def run(
    step: Step,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    *,
    workspace: Path,
    temporary: Path,
    **variables: str,
) -> Ran:
    """Run a step.

    Args:
        step: the step.
        inputs: those a user gives; for the others their default counts.
        outputs: of the steps before, by `step.outputs.name`.
        workspace: the working directory.
        temporary: the runner's directory for temporary files.
        variables: further environment variables.
    """
    given = {name: item["default"] for name, item in metadata()["inputs"].items()}
    values = {
        **{f"inputs.{name}": value for name, value in given.items()},
        **{f"inputs.{name}": value for name, value in inputs.items()},
        **{f"steps.{name}": value for name, value in outputs.items()},
    }
    script, told = temporary / "step.sh", temporary / "outputs"
    script.write_text(step.script, "utf-8")
    told.write_text("", "utf-8")
    own = {name: _expanded(text, values) for name, text in step.variables.items()}
    done = subprocess.run(
        [*_BASH, str(script)],
        cwd=workspace,
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT")},
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION.parent),
            "GITHUB_OUTPUT": str(told),
            "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(temporary),
            **variables,
            **own,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    pairs = (line.split("=", 1) for line in told.read_text("utf-8").splitlines())
    return Ran(
        done.returncode,
        done.stdout,
        {f"{step.id}.outputs.{name}": value for name, value in pairs},
    )


def _expanded(text: str, values: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda match: values[f"{match[1]}.{match[2]}"], text)
