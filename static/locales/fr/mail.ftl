# Les e-mails et les SMS : les codes, et les avis sur ce qui arrive à un compte.
mail-code-subject = { $code } est votre code pour { $portal }
mail-code-sign-in = Vous vous connectez à { $portal }. Votre code :
mail-code-add-factor = Vous ajoutez un moyen de connexion à { $portal }. Votre code :
mail-code-confirm = Vous confirmez cette adresse ou ce numéro pour votre compte { $portal }. Votre code :
mail-code-works = { $minutes ->
    [one] Il sert une seule fois, pendant une minute, et seulement dans le navigateur qui l’a demandé.
   *[other] Il sert une seule fois, pendant { $minutes } minutes, et seulement dans le navigateur qui l’a demandé.
}
mail-code-secret = Ne donnez ce code à personne. Nous ne le demandons jamais, ni par téléphone ni par e-mail.
mail-code-not-you = Alors ne transmettez pas ce code. Quelqu’un connaît peut-être votre mot de passe : changez-le, et choisissez « Se déconnecter partout » sur la page de votre compte, sur { $host }.
mail-text-message = { $minutes ->
    [one] { $code } est votre code pour { $portal }. Il sert pendant une minute. Ne le donnez à personne.
   *[other] { $code } est votre code pour { $portal }. Il sert pendant { $minutes } minutes. Ne le donnez à personne.
}
mail-asked = Ce code a été demandé
mail-happened = Voici ce qui s’est passé
mail-when = Heure
mail-address = Adresse réseau
mail-agent = Navigateur
mail-site = Site web
mail-not-you = Ce n’était pas vous ?
mail-not-me = Ce n’était pas moi
mail-not-me-text = Ce lien met fin, après une dernière confirmation, à toutes les sessions et à toute la confiance accordée sur votre compte :
mail-not-me-after = Changez ensuite votre mot de passe.
mail-not-you-notice = Alors choisissez « Se déconnecter partout » sur la page de votre compte, sur { $host }, et changez votre mot de passe.
mail-was-you = Si c’était bien vous, vous n’avez rien à faire.
mail-help-contact = Besoin d’aide ?
mail-help-admin = Besoin d’aide ? Demandez à votre administrateur.
mail-automatic = Cet e-mail a été envoyé automatiquement ; personne ne lit les réponses.
mail-new-device-subject = Nouvel appareil sur { $portal }
mail-new-device = Quelqu’un s’est connecté à votre compte { $portal } sur un appareil que nous ne connaissions pas encore.
mail-new-address-subject = Connexion depuis un nouvel endroit sur { $portal }
mail-new-address = Quelqu’un s’est connecté à votre compte { $portal } depuis un réseau que nous ne connaissions pas encore.
mail-other-network-subject = Votre connexion à { $portal } continue sur un autre réseau
mail-other-network = Une connexion à votre compte { $portal } continue depuis un autre réseau que celui où elle a commencé.
mail-factor-added-subject = Nouveau moyen de connexion à { $portal }
mail-factor-added = Un moyen de connexion a été ajouté à votre compte { $portal } : { $factor }.
mail-factor-removed-subject = Un moyen de connexion à { $portal } a été retiré
mail-factor-removed = Un moyen de connexion a été retiré de votre compte { $portal } : { $factor }.
mail-recovery-used-subject = Un code de secours a été utilisé sur { $portal }
mail-recovery-used = Quelqu’un s’est connecté à votre compte { $portal } avec un code de secours.
mail-few-codes = Créez de nouveaux codes de secours sur la page de votre compte, sur { $host }, avant d’en avoir besoin.
mail-codes-left = { $left ->
    [0] Il ne reste aucun code de secours.
    [one] Il reste un code de secours.
   *[other] Il reste { $left } codes de secours.
}
mail-codes-made-subject = Nouveaux codes de secours pour { $portal }
mail-codes-made = De nouveaux codes de secours ont été créés pour votre compte { $portal }. Les anciens ne fonctionnent plus.
mail-second-on-subject = Deuxième étape activée sur { $portal }
mail-second-on = La connexion à votre compte { $portal } demande désormais une deuxième étape.
mail-second-off-subject = Deuxième étape désactivée sur { $portal }
mail-second-off = La connexion à votre compte { $portal } ne demande plus de deuxième étape.
mail-second-reset-subject = Deuxième étape réinitialisée pour { $portal }
mail-second-reset = Un administrateur a retiré les applications, clés d’accès et codes de secours de votre compte { $portal }, ainsi que les adresses ou numéros confirmés et les liens avec d’autres comptes, et mis fin aux sessions. À la prochaine connexion, vous configurerez de nouveau votre deuxième étape.
mail-second-reset-unasked = Si vous ne l’avez pas demandé, signalez-le aussitôt, et changez votre mot de passe.
mail-renamed-subject = Nouveau nom de connexion pour { $portal }
mail-renamed = Un administrateur a changé le nom avec lequel vous vous connectez à { $portal }. C’est désormais : { $name }. Votre mot de passe, vos applications et vos clés d’accès restent tels quels. Vous avez été déconnecté ; les appareils et réseaux mémorisés, les codes PIN et les codes de secours ne valent plus : après la connexion, créez de nouveaux codes de secours sur la page de votre compte.
mail-glass-made-subject = Code d’urgence pour { $portal }
mail-glass-made = La personne qui exploite le serveur a créé un code d’urgence pour le compte { $name } sur { $portal }. Pendant dix minutes, il remplace, après le mot de passe, la deuxième étape, qui est ensuite configurée de nouveau.
mail-glass-used-subject = Code d’urgence utilisé pour { $portal }
mail-glass-used = Le code d’urgence du compte { $name } sur { $portal } a été utilisé à la place de la deuxième étape.
mail-glass-unasked = Si vous n’en savez rien, signalez-le tout de suite à la personne qui exploite le serveur.
mail-address-changed-subject = Autre adresse e-mail chez { $portal }
mail-address-changed = Un administrateur a modifié l’adresse e-mail de votre compte { $portal }. Les e-mails sur votre compte vont désormais à la nouvelle adresse ; celui-ci est le dernier envoyé à l’ancienne.
mail-device-trusted-subject = Un appareil est mémorisé sur { $portal }
mail-device-trusted = Un appareil est mémorisé pour votre compte { $portal } : pendant un certain temps, la deuxième étape n’y est plus demandée.
mail-network-trusted-subject = Un réseau est mémorisé sur { $portal }
mail-network-trusted = Un réseau est mémorisé pour votre compte { $portal } : { $network }. Pendant un certain temps, votre deuxième étape n’y est plus demandée.
mail-device-copied-subject = Un appareil mémorisé a peut-être été copié sur { $portal }
mail-device-copied = Quelqu’un a présenté une copie périmée de ce qu’un appareil mémorisé conserve pour votre compte { $portal }. Cet appareil n’est plus mémorisé.
mail-pin-set-subject = Un code PIN a été défini sur { $portal }
mail-pin-set = Un code PIN a été défini pour votre compte sur { $portal }, sur un appareil mémorisé : il déverrouille cet appareil au lieu d’une nouvelle connexion.
mail-pins-wrong-subject = Codes PIN faux sur { $portal }
mail-pins-wrong = Quelqu’un a saisi cinq codes PIN faux sur un appareil mémorisé pour votre compte sur { $portal }. Cet appareil n’est plus mémorisé.
mail-factor-app = application d’authentification
mail-factor-passkey = clé d’accès (passkey) sur un appareil
mail-factor-email = codes par e-mail
mail-factor-sms = codes par SMS
mail-factor-recovery = codes de secours
mail-factor-provider = compte chez un autre fournisseur
mail-factor-named = { $factor } « { $name } »
