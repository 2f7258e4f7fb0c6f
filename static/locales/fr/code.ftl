# La deuxième étape : un code et, à côté, les choix de confiance.
code-title = Saisissez votre code
code-title-recovery = Saisissez un code de secours
code-who = Connexion en tant que { $name }
code-not-you = Ce n’est pas vous ?
code-label = Code de votre application d’authentification
code-hint = Six chiffres. Un nouveau code apparaît toutes les 30 secondes.
code-label-recovery = Code de secours
code-hint-recovery = L’un des codes que vous avez conservés en configurant l’application. Chacun ne sert qu’une fois.
code-no-app = Pas d’accès à l’application ?
code-no-codes = Pas de code de secours sous la main ?
code-use-totp = Utiliser le code de votre application
code-use-recovery = Utiliser un code de secours
code-help-contact = Si rien de cela ne fonctionne, nous pouvons vous aider :
code-help-admin = Si rien de cela ne fonctionne, demandez à votre administrateur de réinitialiser votre deuxième étape.
code-error-wrong = Ce code est incorrect. Attendez le code suivant dans votre application et saisissez-le.
code-error-wrong-recovery = Ce code de secours est incorrect. Vérifiez la saisie ou utilisez-en un autre.
code-error-used = Ce code a déjà été utilisé. Attendez le suivant.
code-error-malformed = Un code comporte six chiffres. Saisissez les six chiffres affichés par votre application.
code-error-malformed-recovery = Ce code de secours est incomplet. Saisissez toutes ses lettres et tous ses chiffres.
passkey-use = Utiliser votre clé d’accès
passkey-title = Utilisez votre clé d’accès
passkey-text = Déverrouillez cet appareil ou votre clé de sécurité comme d’habitude : avec le doigt, le visage ou son code PIN.
passkey-noscript = Les clés d’accès ont besoin de JavaScript, qui est désactivé dans ce navigateur.
passkey-none = Pas de clé d’accès sur cet appareil ?
passkey-failed = La clé d’accès n’a pas répondu. Réessayez ou choisissez un autre moyen.
passkey-elsewhere = Votre clé d’accès ne fonctionne que sur { $hosts }. Connectez-vous là-bas et ajoutez une application, ou utilisez ici un code de secours.
passkey-error-wrong = Cette clé d’accès n’a pas été acceptée. Réessayez ou choisissez un autre moyen.
code-error-clock = { $minutes ->
    [one] L’heure de votre téléphone semble décalée d’une minute. Activez l’heure automatique, puis saisissez un nouveau code.
   *[other] L’heure de votre téléphone semble décalée de { $minutes } minutes. Activez l’heure automatique, puis saisissez un nouveau code.
}
trust-legend = Demander un code moins souvent ? (facultatif)
trust-span-days = { $days ->
    [one] un jour
   *[other] { $days } jours
}
trust-span-hours = { $hours ->
    [one] une heure
   *[other] { $hours } heures
}
trust-span-minutes = { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}
trust-device = Se souvenir de cet appareil pendant { $span }
trust-device-until = Se souvenir de cet appareil jusqu’au changement de votre mot de passe
trust-device-help = Uniquement sur un appareil qui vous appartient. Vous vous connectez toujours, mais sans code. Si vous effacez les cookies ou utilisez une fenêtre privée, l’appareil est oublié.
trust-address = Faire confiance au réseau du bureau { $address } pendant { $span }
trust-address-warn-user = À ne pas faire chez vous, en déplacement ou sur un Wi-Fi public : toute personne qui y connaît votre mot de passe ou lit vos e-mails pourrait se connecter à votre place sans code.
trust-address-warn-portal = À ne pas faire chez vous, en déplacement ou sur un Wi-Fi public : toute personne sur ce réseau n’aurait plus besoin du code pour { $portal }.
trust-address-warn-everyone = À ne pas faire chez vous, en déplacement ou sur un Wi-Fi public : toute personne sur ce réseau n’aurait plus besoin du code, sur aucun portail.
code-title-email = Saisissez le code de votre e-mail
code-title-sms = Saisissez le code de votre SMS
code-label-sent = Code que nous vous avons envoyé
code-sent-to = Envoyé à { $to }.
code-sent-until = Il est valable jusqu’à { $time }.
code-send-to = Nous envoyons un code à six chiffres à { $to }.
code-send = Envoyer le code
code-send-again = Envoyer un autre code
code-again-mail = Toujours rien ? Regardez aussi dans les courriers indésirables.
code-again-in = { $seconds ->
    [one] Vous pourrez faire envoyer un autre code dans une seconde.
   *[other] Vous pourrez faire envoyer un autre code dans { $seconds } secondes.
}
code-again-never = Plus aucun code ne peut être envoyé pour cette connexion. Choisissez un autre moyen ou recommencez.
code-no-sent = Aucun code n’arrive ?
code-use-email = Recevoir un code par e-mail
code-use-sms = Recevoir un code par SMS
code-error-wrong-sent = Ce code n’est pas le bon. Saisissez le code du dernier message.
code-error-malformed-sent = Un code comporte six chiffres. Saisissez les six chiffres du message.
code-error-lapsed = Ce code n’est plus valable. Faites-en envoyer un nouveau.
code-error-not-sent = Le code n’a pas pu être envoyé. Réessayez dans une minute ou choisissez un autre moyen.
code-error-too-soon = { $seconds ->
    [one] Un code est en route. Vous pourrez en faire envoyer un autre dans une seconde.
   *[other] Un code est en route. Vous pourrez en faire envoyer un autre dans { $seconds } secondes.
}
code-error-no-more = Plus aucun code ne peut être envoyé pour cette connexion. Choisissez un autre moyen ou recommencez.
code-error-paused = Trop de codes ont été envoyés. Vous pourrez en faire envoyer un autre à partir de { $time }. D’ici là, choisissez un autre moyen.
code-error-address = Ceci n’est pas une adresse e-mail. Vérifiez qu’elle ne contient pas de faute de frappe.
code-error-number = Ceci n’est pas un numéro de mobile avec l’indicatif du pays, comme +31 6 12345678.
contact-title = Où pouvons-nous vous joindre ?
contact-lead = { $portal } demande un code comme deuxième étape. Dites-nous où l’envoyer ; vos codes y arriveront désormais.
contact-label-email = Adresse e-mail
contact-label-sms = Numéro de mobile
contact-hint-sms = Avec l’indicatif du pays, comme +31 6 12345678.
contact-again = Utiliser une autre adresse ou un autre numéro
approval-title = Approuvez sur votre téléphone
approval-text = Ouvrez la page de codes sur votre téléphone. Elle vous demandera un nombre que cette page vous montre.
approval-ask = Demander l’approbation
approval-ask-again = Demander à nouveau
approval-type = Saisissez ce nombre sur la page de codes :
approval-until = Il est valable jusqu’à { $time }. Cette page vérifie d’elle-même si c’est fait.
approval-look = Vérifier maintenant
approval-given = Approuvé sur votre page de codes.
approval-refused = Votre page de codes a refusé cette connexion, ou un autre nombre y a été saisi.
approval-over = Aucune réponse n’est arrivée à temps.
approval-none = Pas de page de codes à portée de main ?
approval-use = Approuver sur votre page de codes
approval-error-wrong = Cette connexion a été refusée sur votre page de codes, ou un autre nombre y a été saisi.
approval-error-paused = L’approbation a été demandée trop souvent. Vous pourrez la redemander à partir de { $time }. D’ici là, utilisez un autre moyen.
