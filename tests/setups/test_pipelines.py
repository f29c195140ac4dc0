"""The pipelines of docs/setups.md, run on a branch with a second head."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TypedDict
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.precommit.repositories import Done, Repository
from tests.setups import composite
from tests.setups.documented import INSTALL, Snippet, only, snippets
from tests.setups.test_documented import named

WORKFLOWS = snippets(".github/workflows/migrations.yml")
Step = TypedDict("Step", {"uses": str, "run": str, "with": dict[str, str]}, total=False)

HISTORIES = ("backend/migrations", "reports/db migrations")


@pytest.fixture
def checkout(tmp_path: Path) -> Repository:
    """A checkout of a branch that makes a second head in each of two histories."""
    repository = Repository(tmp_path / "checkout", "")
    repository.root.mkdir()
    repository.git("init", "--quiet", "--initial-branch", "main")
    for scripts in HISTORIES:
        repository.stage(f"{scripts}/env.py", "")
        repository.revise("3ac5", versions=f"{scripts}/versions")
        repository.revise("9ef2", "3ac5", versions=f"{scripts}/versions")
    repository.commit_unchecked()
    repository.git("update-ref", "refs/remotes/origin/main", "main")
    repository.git("switch", "--quiet", "--create", "invoices")
    for scripts in HISTORIES:
        repository.revise("c041", "3ac5", versions=f"{scripts}/versions")
    repository.commit_unchecked()
    return repository


@pytest.mark.parametrize(
    "snippet", [item for item in WORKFLOWS if "OWNER/alembic-lint@v0.1.0\n" in item.text
                and INSTALL not in item.text], ids=named,
)  # fmt: skip
def test_the_action_tells_of_both_histories(
    checkout: Repository, tmp_path: Path, snippet: Snippet
) -> None:
    *_, step = _steps(snippet)
    assert step["uses"] == "OWNER/alembic-lint@v0.1.0"
    _, lint = composite.steps()

    done = composite.run(
        lint,
        step.get("with", {}),
        {"install.outputs.python": sys.executable},
        workspace=checkout.root,
        temporary=tmp_path,
        GITHUB_BASE_REF="main",
    )

    assert done.status == 1, done.text
    _tells_of_both_histories(done.text)


@pytest.mark.parametrize(("base", "status"), [("", 1), ("main", 2)])
def test_a_checkout_of_one_commit_says_what_it_lacks(
    checkout: Repository, tmp_path: Path, base: str, status: int
) -> None:
    """As `actions/checkout` makes it: told by hand, a base has to be found."""
    shallow = tmp_path / "shallow"
    checkout.git("clone", "--quiet", "--depth", "1", f"file://{checkout.root}", str(shallow))
    _, lint = composite.steps()

    done = composite.run(
        lint,
        {"base": base},
        {"install.outputs.python": sys.executable},
        workspace=shallow,
        temporary=tmp_path,
        GITHUB_BASE_REF="main",
    )

    assert done.status == status, done.text
    assert "fetch-depth: 0" in done.text
    assert ("ALM101" in done.text) == (status == 1)


def test_github_shows_annotations(checkout: Repository) -> None:
    (snippet,) = (item for item in WORKFLOWS if "--output-format github" in item.text)

    done = _run(checkout, *_scripts(snippet), GITHUB_BASE_REF="main", GITHUB_ACTIONS="true")

    assert done.status == 1, done.text
    _tells_of_both_histories(done.text)


def test_code_scanning_is_given_its_file(checkout: Repository) -> None:
    (snippet,) = (item for item in WORKFLOWS if "upload-sarif" in item.text)

    done = _run(checkout, *_scripts(snippet))

    assert done.status == 0, done.text
    *_, upload = _steps(snippet)
    log = json.loads((checkout.root / upload["with"]["sarif_file"]).read_text("utf-8"))
    results = [result for run in log["runs"] for result in run["results"]]
    assert "ALM101" in {result["ruleId"] for result in results}


def test_gitlab_is_given_its_report(checkout: Repository) -> None:
    job = yaml.safe_load(only(".gitlab-ci.yml").text)["alembic-lint"]

    done = _run(checkout, *job["script"], CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")

    assert done.status == 1, done.text
    report = checkout.root / job["artifacts"]["reports"]["codequality"]
    found = json.loads(report.read_text("utf-8"))
    assert {item["location"]["path"] for item in found if item["check_name"] == "ALM101"} == {
        f"{scripts}/versions/c041.py" for scripts in HISTORIES
    }


@pytest.mark.parametrize("target", ["main", None])
def test_azure_is_given_its_report(checkout: Repository, target: str | None) -> None:
    steps = yaml.safe_load(only("azure-pipelines.yml").text)["steps"]
    variables = {} if target is None else {"SYSTEM_PULLREQUEST_TARGETBRANCHNAME": target}

    done = _run(checkout, *(step["bash"] for step in steps if "bash" in step), **variables)

    assert done.status == 1, done.text
    (file,) = (step["inputs"]["testResultsFiles"] for step in steps if "PublishTest" in str(step))
    failures = ET.parse(checkout.root / file).getroot().findall(".//testcase/failure/..")
    heads = [case for case in failures if "ALM101" in ET.tostring(case, "unicode")]
    assert len(heads) == len(HISTORIES)


def _tells_of_both_histories(text: str) -> None:
    for scripts in HISTORIES:
        assert f"file={scripts}/versions/c041.py" in text
    assert text.count("::error title=alembic-lint (ALM101)") == len(HISTORIES)


def _steps(snippet: Snippet) -> list[Step]:
    (job,) = yaml.safe_load(snippet.text)["jobs"].values()
    steps: list[Step] = job["steps"]
    return steps


def _scripts(snippet: Snippet) -> list[str]:
    return [step["run"] for step in _steps(snippet) if "run" in step]


def _run(checkout: Repository, *scripts: str, **variables: str) -> Done:
    assert scripts[0] == INSTALL
    return checkout.run("bash", "-e", "-c", "\n".join(scripts[1:]), **variables)
