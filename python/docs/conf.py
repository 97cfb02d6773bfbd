"""How Sphinx makes the site of the Python package."""

import facenet_rs

project = "facenet-rs"
version = release = facenet_rs.__version__
copyright = "the authors of facenet"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "numpydoc",
    "sphinx_copybutton",
]
exclude_patterns = ["requirements.txt"]

# Links are checked like everything else: a name that leads nowhere is a warning, and warnings are errors.
nitpicky = True
nitpick_ignore_regex = [
    # Types of other packages, whose pages are not looked up, and the words that stand for types.
    (r"py:.*", r"(numpy|npt|np|pandas|collections|os|pathlib|typing|types)\..*"),
    (
        r"py:class",
        r"P|Floats|Picture|Pictures|Progress|Source|facenet_rs\.classifier\.Source|facenet_rs\._native\.\w+|[a-z]\w*",
    ),
]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("Picture", "Pictures", "Progress", "Floats")}
autodoc_default_options = {"members": True}
python_use_unqualified_type_names = True
numpydoc_show_class_members = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# The notebooks are stored with what they gave: run_notebooks.py runs them.
nb_execution_mode = "off"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = f"facenet-rs {version}"
html_show_sphinx = False
