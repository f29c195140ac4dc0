"""Connecting to a database for reading, without ever telling its password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

SECONDS = 10
"""How long to wait for a server that does not answer."""

_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "cx_Oracle": "cx_Oracle",
    "psycopg": '"psycopg[binary]"',
    "psycopg2": "psycopg2-binary",
    "pymysql": "PyMySQL",
}
"""What to install for a module of another name."""

_TIMEOUTS = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "mysqlconnector": "connection_timeout",
    "pymssql": "login_timeout",
    "pg8000": "timeout",
}
"""What the drivers call the seconds to wait for a connection."""

_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
"""After this, the server itself refuses to write. SQL Server has nothing of the kind."""

_SECRETS = ("password", "passwd", "pwd", "sslpassword", "odbc_connect")
_PWD = re.compile(r"(?:pwd|password)\s*=\s*(\{.*?\}|[^;]*)", re.IGNORECASE)

_EXAMPLE = "such as postgresql+psycopg://user:password@host/name"


class DatabaseError(Exception):
    """The database cannot be used; the message says why, without the password."""


@contextmanager
def opened(text: str) -> Iterator[Connection]:
    """A connection that cannot write, for a while; what it may have begun is rolled back.

    Args:
        text: SQLAlchemy's URL of the database.

    Raises:
        DatabaseError: the URL, the driver or the database cannot be used, also later on.
    """
    url = _url(text)
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  (needed by two commands alone)

    secrets = _secrets(text, url)
    connection: Connection | None = None
    try:
        connection = _connected(url, secrets)
        yield connection
    except SQLAlchemyError as error:
        raise _refused(url, error, secrets) from None
    finally:
        if connection is not None:
            with suppress(SQLAlchemyError):  # a connection that broke has said so before
                connection.rollback()
            connection.close()


def _connected(url: URL, secrets: frozenset[str]) -> Connection:
    import sqlalchemy as sa  # noqa: PLC0415  (needed by two commands alone)

    try:
        engine = sa.create_engine(_to_read(url), poolclass=sa.NullPool, connect_args=_waiting(url))
        if engine.dialect.is_async:
            raise DatabaseError(
                f"{engine.dialect.driver} is a driver for asyncio; give the URL with another one, "
                f"{_EXAMPLE}"
            )
        connection = engine.connect()
    except sa.exc.NoSuchModuleError:
        name = url.drivername.partition("+")[0]
        meant = "; write postgresql://" if name == "postgres" else _plugin(name)
        raise DatabaseError(
            f"there is no database {url.drivername!r} in SQLAlchemy{meant}"
        ) from None
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        package = _PACKAGES.get(module, module)
        raise DatabaseError(
            f"the driver {module} is not installed; pip install {package}"
        ) from None
    except (sa.exc.SQLAlchemyError, OSError, UnicodeError, ValueError, TypeError) as error:
        raise _refused(url, error, secrets) from None
    statement = _READ_ONLY.get(engine.dialect.name)
    if statement is not None:
        connection.execute(sa.text(statement))
    return connection


def _refused(url: URL, error: Exception, secrets: frozenset[str]) -> DatabaseError:
    """What the driver says, on one line."""
    original = getattr(error, "orig", None) or error
    reason = hidden(" ".join(str(original).split()), secrets)
    return DatabaseError(f"{place_of(url)} cannot be read: {reason}")


def _url(text: str) -> URL:
    """The URL, of which nothing is told where it cannot be read: any part may be the password."""
    try:
        import sqlalchemy as sa  # noqa: PLC0415  (needed by two commands alone)
    except ModuleNotFoundError as error:
        raise DatabaseError("SQLAlchemy is not installed; pip install sqlalchemy") from error
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseError(f"--url is no database URL, {_EXAMPLE}{_ESCAPES}") from None
    named = f"{url.host or ''}{url.database or ''}"
    if url.username is not None and "@" in named:
        raise DatabaseError(f"--url has more than one @{_ESCAPES}")
    return url


_ESCAPES = "; in a password, write @ as %40, : as %3A, / as %2F, % as %25"


def _plugin(name: str) -> str:
    return f"; the package that brings it is not installed, often pip install sqlalchemy-{name}"


def _to_read(url: URL) -> URL:
    """A SQLite file is opened in a way that neither writes nor makes it."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return url
    if str(url.database).startswith("file:"):
        return url
    path = Path(str(url.database))
    if not path.is_file():
        raise DatabaseError(f"there is no SQLite database {path}")
    query = {**url.query, "mode": "ro", "uri": "true"}
    return url.set(database=f"file:{quote(path.absolute().as_posix())}", query=query)


def _waiting(url: URL) -> Mapping[str, int]:
    driver = url.drivername.partition("+")[2] or {"postgresql": "psycopg2", "mysql": "mysqldb"}.get(
        url.get_backend_name(), ""
    )
    name = _TIMEOUTS.get(driver)
    return {} if name is None or name in url.query else {name: SECONDS}


def place_of(url: URL | str) -> str:
    """The database as it may be told to anybody: its kind, host and name."""
    if isinstance(url, str):
        url = _url(url)
    host = url.host or ""
    port = f":{url.port}" if url.port else ""
    where = f" at {host}{port}" if host else ""
    named = f" {url.database!r}" if url.database else ""
    return f"the {url.get_backend_name()} database{named}{where}"


def _secrets(text: str, url: URL) -> frozenset[str]:
    """The password in all the ways in which it may be written."""
    found = {str(url.password)} if url.password else set()
    for name, value in url.query.items():
        values = [value] if isinstance(value, str) else list(value)
        if name.lower() in _SECRETS:
            found.update(values)
        found.update(match for item in values for match in _PWD.findall(item))
    written = re.match(r"[^:/]+://[^:@/]*:([^@]*)@", text)
    if written is not None:
        found.update({written[1], unquote(written[1])})
    found.update({quote(item, safe="") for item in found})
    return frozenset(item for item in found if item)


def hidden(text: str, secrets: frozenset[str]) -> str:
    """The text without every word that a secret is in."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if " " in secret else text
    return " ".join(
        "***" if any(secret in word for secret in secrets) else word for word in text.split()
    )
