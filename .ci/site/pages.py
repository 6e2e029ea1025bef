"""A hook of MkDocs: pages are where they are in the project, so that their links hold.

The documents link to examples, packages and files that are not in docs. Those become pages, too: a
README as it is, the doc.go of a package as text, any other file as code.
"""

import os
import re
from pathlib import Path

from mkdocs.structure.files import File, Files, InclusionLevel

ROOT = Path(__file__).parent.parent.parent
LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^\s*```.*?^\s*```)", re.M | re.S)
PICTURES = {".png", ".svg"}
# A file that draws the diagrams; without it, the reader's browser fetches it from elsewhere.
MERMAID = os.environ.get("NATSTRON_MERMAID")


def on_config(config):
    if MERMAID:
        config.extra_javascript.append("assets/mermaid.js")


def on_files(files, config):
    """Takes docs, what is linked from there, and so on; and the theme's own files."""
    found = [f for f in files if f.src_dir is None or Path(f.src_dir) != Path(config.docs_dir)]
    if MERMAID:
        found.append(File.generated(config, "assets/mermaid.js", abs_src_path=MERMAID))
    found.append(File.generated(config, "assets/extra.css", abs_src_path=str(Path(__file__).with_name("extra.css"))))
    waiting = [Path("README.md"), *sorted(p.relative_to(ROOT) for p in (ROOT / "docs").glob("*.md"))]
    known = set(waiting)
    while waiting:
        path = waiting.pop()
        if path.suffix in PICTURES:
            found.append(File.generated(config, path.as_posix(), abs_src_path=str(ROOT / path)))
            continue
        text = (ROOT / path).read_text()
        if path.suffix == ".md":
            linked = [Path(os.path.normpath(path.parent / m[1])) for m in LINK.finditer(FENCE.sub("", text)) if ":" not in m[1]]
            waiting += [p for p in linked if p not in known and (ROOT / p).is_file()]  # MkDocs reports others
            known.update(linked)
        level = InclusionLevel.INCLUDED if path.suffix == ".md" else InclusionLevel.NOT_IN_NAV
        found.append(File.generated(config, page(path), content=as_page(path, text), inclusion=level))
    return Files(found)


def page(path):
    """Where a file of the project is in the site."""
    return path.as_posix() if path.suffix in PICTURES | {".md"} else f"{path.as_posix()}.md"


def as_page(path, text):
    if path.suffix == ".md":
        parts = FENCE.split(text)
        return "".join(part if i % 2 else LINK.sub(to_page, part) for i, part in enumerate(parts))
    if path.name == "doc.go":
        return package(path.parent, text)
    language = {".yml": "yaml"}.get(path.suffix, path.suffix.strip("."))
    return f"# {path.as_posix()}\n\n```{language}\n{text}```\n"


def to_page(link):
    """A link to a file that is code leads to its page."""
    return link[0] if ":" in link[1] else f"]({page(Path(link[1]))}{link[2] or ''})"


def package(path, text):
    """The comment of a Go package as Markdown: headings are there already, code is behind a tab."""
    lines = [re.sub(r"^//(\t| ?)", lambda m: "    " if m[1] == "\t" else "", line) for line in text.splitlines() if line.startswith("//")]
    lines = ["#" + line if line.startswith("# ") else line for line in lines]
    return f"# Package {path.as_posix()}\n\n" + "\n".join(lines) + "\n"
