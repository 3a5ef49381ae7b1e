"""A page with one button: what cannot be undone lightly asks first, without a pop-up."""

from flask_wtf import FlaskForm


class ConfirmForm(FlaskForm):
    """Nothing but the token that proves the form is ours."""
