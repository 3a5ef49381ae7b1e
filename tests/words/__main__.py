"""``make words``: collect the citizens' words, bring each catalogue up to date, and list what is not translated."""

import sys

from tests.words.catalogue import catalogues, collect, compiled, missing, read, updated, write


def main() -> int:
    """Bring the catalogues up to date; return 1 when one of them has gaps."""
    words = collect()
    gaps = 0
    for path in catalogues():
        catalogue = updated(read(path), words)
        write(path, catalogue)
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        found = missing(catalogue)
        gaps += len(found)
        print(f"{path.parts[-3]}: {len(words)} messages, {len(found)} to translate")
        for message in found:
            print(f"  {message.locations[0][0]}: {message.id!r}")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
