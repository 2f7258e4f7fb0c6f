# La page personnelle du visiteur.
account-title = Votre compte
account-error-last-method = C’est votre dernière application ou clé d’accès, et une deuxième étape est obligatoire ici. Ajoutez-en d’abord une autre, puis supprimez celle-ci.
account-error-last-contact = Les codes ne vous parviennent que là, et une deuxième étape est obligatoire ici. Ajoutez d’abord une application, puis supprimez ceci.
account-error-required = Un code est obligatoire ici ; il ne peut donc pas être désactivé.
account-error-gone = Cet élément était déjà supprimé.
row-added = Ajoutée le
row-used = dernière utilisation
row-seen = dernière activité
row-since = Depuis le
row-ends = Se termine le
row-ends-password = Se termine quand votre mot de passe change
row-opened = ouverte le
row-this-device = Cet appareil
row-here-now = Vous êtes ici
row-this-session = Ce navigateur
list-more = { $more ->
    [one] … et un autre
   *[other] … et { $more } autres
}
methods-title = Deuxième étape
methods-text = Les applications et clés d’accès qui confirment que c’est bien vous.
methods-none = Vous n’avez pas encore configuré d’application ni de clé d’accès.
methods-passkey = Clé d’accès pour { $host }
methods-add-either = Ajouter une application ou une clé d’accès
methods-add = Ajouter une application d’authentification
contacts-email = Codes par e-mail
contacts-sms = Codes par SMS
contacts-to = Envoyés à { $to }
codes-title = Codes de secours
codes-left = { $codes ->
    [0] Plus aucun code. Créez-en de nouveaux.
    [one] Il reste un code. Créez-en bientôt de nouveaux.
   *[other] Il reste { $codes } codes
}
codes-new = Créer de nouveaux codes
codes-new-hint = Les nouveaux codes remplacent aussitôt les anciens.
switch-title = Me demander un code à la connexion
switch-is-on = Activé
switch-is-off = Désactivé : aucun code ne vous est demandé.
switch-turn-on = Activer
switch-turn-off = Désactiver
devices-title = Appareils mémorisés
devices-text = Sur ces appareils, vous vous connectez sans code aussi longtemps qu’indiqué. Supprimez ceux que vous ne reconnaissez pas.
devices-none = Aucun appareil n’est mémorisé.
devices-remove-all = Supprimer tous les appareils
addresses-title = Réseaux de confiance
addresses-text = Depuis ces réseaux, vous vous connectez sans code jusqu’à la date indiquée.
addresses-none = Aucun réseau n’est de confiance.
addresses-remove-all = Supprimer tous les réseaux
sessions-title = Où vous êtes connecté
sessions-text = La déconnexion met aussitôt fin à une session.
sessions-end = Déconnecter
sign-ins-title = Connexions récentes
sign-ins-text = L’une d’elles n’est pas de vous ? Déconnectez-vous partout, puis changez votre mot de passe.
sign-ins-none = Rien pour l’instant.
outcome-password = Connexion par mot de passe
outcome-link = Connexion par un lien envoyé par e-mail
outcome-code = Connexion avec un code
outcome-passkey = Connexion avec une clé d’accès
outcome-approval = Connexion approuvée sur votre page de codes
outcome-provider = Connexion avec un compte externe
outcome-recovery-code = Connexion par code de secours
outcome-trusted-device = Connexion sur un appareil mémorisé
outcome-trusted-address = Connexion depuis un réseau de confiance
outcome-wrong-password = Mot de passe incorrect
outcome-wrong-code = Code incorrect
outcome-too-many-tries = Refusé : trop d’essais
outcome-refused = Refusé
language-save = Enregistrer
notice-method-added = L’application d’authentification a été ajoutée.
notice-passkey-added = La clé d’accès a été ajoutée.
notice-passkey-removed = La clé d’accès a été supprimée.
notice-method-removed = L’application d’authentification a été supprimée.
notice-contact-removed = Aucun code n’y sera plus envoyé.
notice-device-removed = L’appareil a été supprimé. Un code y sera demandé la prochaine fois.
notice-devices-removed = Tous les appareils ont été supprimés. Un code y sera demandé la prochaine fois.
notice-address-removed = Le réseau a été supprimé. Un code y sera demandé la prochaine fois.
notice-addresses-removed = Tous les réseaux ont été supprimés. Un code y sera demandé la prochaine fois.
notice-session-ended = La session est terminée.
notice-second-factor-on = Désormais, un code vous sera demandé à la connexion.
notice-second-factor-off = Aucun code ne vous sera plus demandé à la connexion.
notice-language-changed = La langue a été changée.
