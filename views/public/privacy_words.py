"""What the page on personal data says of each purpose: its legal basis."""

from flask_babel import lazy_gettext as _l

PUBLIC_TASK = _l("mission d’intérêt public (RGPD, article 6.1 e)")
LEGAL_DUTY = _l("obligation légale (RGPD, article 6.1 c)")

# (purpose, legal basis)
PURPOSES = (
    (_l("Inscrire les enfants à l’école de leur secteur"), LEGAL_DUTY),
    (_l("Réserver et assurer la cantine, la garderie, l’étude et les accueils de loisirs"), PUBLIC_TASK),
    (
        _l("Accueillir un enfant en sécurité : allergies, PAI, personnes à prévenir"),
        _l("mission d’intérêt public, pour la santé de l’enfant (RGPD, articles 6.1 e et 9.2 g)"),
    ),
    (_l("Établir les factures et les encaisser"), PUBLIC_TASK),
    (_l("Tenir les comptes de la régie"), LEGAL_DUTY),
    (_l("Protéger les comptes et garder la trace des actes"), LEGAL_DUTY),
    (
        _l("Publier des photos d’activités"),
        _l("votre accord, que vous pouvez reprendre (RGPD, article 6.1 a)"),
    ),
)
