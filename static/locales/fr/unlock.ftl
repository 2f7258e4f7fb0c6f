# Déverrouiller un appareil mémorisé, et le code PIN qui le permet.
unlock-title = Content de vous revoir
unlock-welcome = Content de vous revoir, { $name }
unlock-lead = Cet appareil est mémorisé. Déverrouillez-le pour continuer vers { $portal }.
unlock-pin = Code PIN
unlock-pin-hint = Le code PIN que vous avez choisi pour cet appareil. Ce n’est pas votre mot de passe.
unlock-submit = Déverrouiller
unlock-passkey = Déverrouiller par empreinte, visage ou verrouillage d’écran
unlock-not-you = Vous n’êtes pas { $name } ?
unlock-other = Se connecter avec un autre compte
unlock-forgotten = Code PIN oublié ? Choisissez cela aussi, puis connectez-vous comme d’habitude avec votre propre compte.
unlock-left = { $left ->
    [one] Encore un essai ; ensuite cet appareil sera oublié.
   *[other] Encore { $left } essais ; ensuite cet appareil sera oublié.
}
unlock-error-wrong = Ce code PIN n’est pas le bon.
unlock-error-malformed = Le code PIN de cet appareil a 6 à 12 chiffres et rien d’autre.
unlock-error-passkey = Cette clé d’accès n’a pas compté. Réessayez, ou connectez-vous comme d’habitude.
login-error-forgotten-device = Cet appareil ne peut plus être déverrouillé : après cinq codes PIN faux, il est oublié. Connectez-vous comme d’habitude et confirmez par votre deuxième étape.
pin-title = Un code PIN pour cet appareil
pin-lead = La prochaine fois, vous pourrez déverrouiller cet appareil avec un code PIN au lieu de vous reconnecter.
pin-why = Le code PIN ne vaut que sur cet appareil, tant que l’appareil est mémorisé.
pin-is-set = Cet appareil a un code PIN. Un nouveau le remplace aussitôt.
pin-new = Nouveau code PIN
pin-hint = 6 à 12 chiffres. Rien que d’autres essaieraient d’abord, comme 123456, 111111 ou 121212.
pin-again = Nouveau code PIN encore une fois
pin-save = Enregistrer le code PIN
pin-later = Pas maintenant
pin-error-malformed = Un code PIN a 6 à 12 chiffres et rien d’autre.
pin-error-weak = Ce code PIN est trop facile à deviner. Choisissez des chiffres sans suite logique.
pin-error-mismatch = Les deux codes PIN ne sont pas identiques. Saisissez-les de nouveau.
pin-row-title = Code PIN pour cet appareil
pin-row-set = Déverrouille cet appareil au lieu d’une nouvelle connexion.
pin-row-unset = Aucun. Avec un code PIN, vous pouvez déverrouiller cet appareil au lieu de vous reconnecter.
pin-row-choose = Choisir un code PIN
pin-row-change = Changer le code PIN
pin-row-remove = Supprimer le code PIN
notice-pin-set = Le code PIN est enregistré. Il sera demandé à votre prochaine connexion sur cet appareil.
notice-pin-removed = Le code PIN est supprimé. La prochaine fois, vous vous connecterez comme d’habitude sur cet appareil.
outcome-pin = Déverrouillé avec le code PIN de l’appareil
outcome-wrong-pin = Code PIN faux
