# Ce que toutes les pages partagent.
title-error = Erreur :
skip = Aller au contenu
nav-label = Votre compte
nav-account = Compte
nav-sign-out = Se déconnecter
signed-in-as = Connecté en tant que { $name }
badge-switch = Changer de compte
badge-close = Masquer jusqu’à la prochaine connexion
language-label = Langue
help-label = Besoin d’aide ?
help-admin = Besoin d’aide ? Adressez-vous à votre administrateur.
continue = Continuer
copy = Copier
copied = Copié
download = Télécharger
downloaded = Téléchargé
print = Imprimer
remove = Supprimer
time-days-left = { $days ->
    [0] moins d’un jour restant
    [one] un jour restant
   *[other] { $days } jours restants
}
error-summary = Cela n’a pas fonctionné
error-too-many = Il y a eu trop d’essais. Veuillez patienter un moment avant de réessayer.
error-too-many-until = Il y a eu trop d’essais. Vous pourrez réessayer à partir de { $time }.
error-tries-left = { $tries ->
    [one] Il vous reste un essai.
   *[other] Il vous reste { $tries } essais.
}
error-busy = La vérification est impossible pour le moment. Veuillez réessayer dans quelques secondes.
error-form = Ce formulaire est resté ouvert trop longtemps, ou votre navigateur refuse les cookies. Autorisez les cookies pour ce site et réessayez.
