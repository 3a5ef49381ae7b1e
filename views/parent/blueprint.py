"""The one blueprint of a parent's pages; each module of this folder adds its own."""

from flask import Blueprint

bp = Blueprint("parent", __name__)
