"""A family's school enrolments: asked page after page, followed, withdrawn."""
