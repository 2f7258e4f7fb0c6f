# La configuration de l'application, puis les codes de secours.
enrol-title = Configurez votre deuxième étape
enrol-lead-required = { $portal } demande un code comme deuxième étape. Une application sur votre téléphone vous donne ce code ; la configuration prend deux minutes.
enrol-lead-chosen = Avec un code comme deuxième étape, personne ne peut se connecter à votre place avec la première seule.
enrol-ends = Veuillez terminer avant { $time }.
enrol-minutes-left = { $minutes ->
    [0] Il reste moins d’une minute.
    [one] Il reste une minute.
   *[other] Il reste { $minutes } minutes.
}
enrol-error-expired = Le délai de configuration est dépassé ; la clé affichée auparavant n’est plus valable. Recommencez avec une nouvelle clé.
enrol-step-app = Ouvrez une application d’authentification
enrol-step-app-text = Toute application qui affiche des codes à six chiffres convient, par exemple l’application de mots de passe de votre téléphone. Vous n’en avez pas ? Installez-en une depuis votre magasin d’applications.
enrol-step-scan = Scannez cette image avec l’application
enrol-qr = Code QR contenant la clé pour votre application
enrol-open-app = Ouvrir dans l’application sur cet appareil
enrol-key-text = Impossible de scanner ? Saisissez cette clé dans l’application, type « basé sur le temps » :
enrol-copy-key = Copier la clé
enrol-issuer = Nom dans l’application
enrol-account = Compte
enrol-step-code = Saisissez le code que l’application affiche maintenant
enrol-label = Nom de cette application (facultatif)
enrol-label-hint = Pour la reconnaître plus tard, par exemple « Mon téléphone ».
enrol-submit = Terminer la configuration
enrol-restart = Recommencer avec une nouvelle clé
passkey-instead = Ou utiliser une clé d’accès à la place
passkey-instead-text = Votre téléphone, votre ordinateur ou une clé de sécurité répond alors pour vous, sans rien saisir. Une clé d’accès créée ici ne fonctionne que sur { $host }.
passkey-add = Créer une clé d’accès
recovery-title = Conservez vos codes de secours
recovery-lead = Si vous perdez votre téléphone, chacun de ces codes vous permet de vous connecter une fois, à la place du code de l’application.
recovery-once = Vous les voyez maintenant et plus jamais ensuite.
recovery-where = Gardez-les avec vos autres papiers importants ou dans un gestionnaire de mots de passe. Pas sur le téléphone lui-même.
recovery-unsaved = Vous n’avez pas encore copié, téléchargé ou imprimé les codes. Vous les avez notés ? Appuyez alors encore une fois sur le bouton.
recovery-continue = Je les ai conservés, continuer
enrol-step-proof = Montrez que c’est bien vous
enrol-step-proof-text = Pour que personne d’autre ne puisse configurer une application à votre nom, saisissez aussi un code que nous vous envoyons.
enrol-send-email = Envoyer le code à { $to }
enrol-send-sms = Envoyer le code par SMS à { $to }
offer-title = Configurer une application pour vos codes ?
offer-lead = Vous êtes connecté. La prochaine fois, une application sur votre téléphone peut afficher le code tout de suite.
offer-why = Les SMS peuvent arriver en retard ou se perdre. L’application n’a pas besoin de réseau, et la configurer prend deux minutes.
offer-now = Configurer l’application maintenant
offer-later = Plus tard
enrol-page-instead = Ou notre page de codes
enrol-page-title = Ouvrez notre page de codes
enrol-page-text = Ouvrez cette adresse sur votre téléphone. La page y affiche un numéro d’association et un code.
enrol-page-number = Numéro d’association
enrol-page-hint = Neuf chiffres.
enrol-page-code = Saisissez le code que la page affiche maintenant
enrol-error-pairing = Aucune page de codes n’affiche ce numéro d’association en ce moment. Vérifiez-le ou faites-en afficher un nouveau.
