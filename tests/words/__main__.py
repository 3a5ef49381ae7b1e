"""``make words``: collect the citizens' words, bring each catalogue up to date, and list what is not translated.

``python -m tests.words es`` begins the catalogue of another language first.
"""

import sys
from collections.abc import Sequence

from tests.words.catalogue import begin, catalogues, collect, compiled, missing, read, updated, write


def main(new_languages: Sequence[str]) -> int:
    """Bring the catalogues up to date; return 1 when one of them has gaps."""
    for language in new_languages:
        begin(language)
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
    sys.exit(main(sys.argv[1:]))
