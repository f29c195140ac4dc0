"""JSON as every format writes it: indented, in ASCII, the same bytes for the same values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


def written(document: Json) -> str:
    """The text of a value, ending with a line feed; keys stay in their order.

    A lone surrogate, as in the name of a file that is not UTF-8, is written as its escape. That is
    read back unchanged by some readers and refused by others: see `wording.writable`.
    """
    return json.dumps(document, indent=2) + "\n"
