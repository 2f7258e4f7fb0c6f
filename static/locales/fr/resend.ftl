# Un formulaire arrêté par une connexion.
resend-title = Envoyer votre formulaire maintenant ?
resend-lead = Avant que { $portal } puisse recevoir votre formulaire, vous avez dû montrer qui vous êtes. Il a été gardé pour vous et n’est pas encore envoyé.
resend-as = Il sera envoyé au nom de { $name }.
resend-to = Il va à
resend-kept = Gardé depuis
resend-fields = Voici ce qui sera envoyé
resend-empty = Le formulaire n’a pas de champs.
resend-cut = abrégé ici, envoyé en entier
resend-hidden = non affiché ici
resend-file = Fichier { $name }
resend-more = { $count ->
    [one] Un autre champ est envoyé et n’est pas affiché ici.
   *[other] { $count } autres champs sont envoyés et ne sont pas affichés ici.
}
resend-unreadable = { $size } qui ne peuvent pas être affichés ici. Ils sont envoyés tels quels.
resend-send = Envoyer maintenant
resend-discard = Supprimer
resend-until = Il est envoyé une seule fois. Si vous ne faites rien, il sera supprimé à { $time }.
resend-nothing-title = Rien n’attend d’être envoyé
resend-nothing-what = Ce qui était gardé dans ce navigateur a été envoyé ou supprimé, appartient à un autre compte, ou a attendu plus de dix minutes.
resend-nothing-next = Avant de remplir à nouveau le formulaire, regardez dans { $portal } s’il est arrivé.
not-received-title = Votre formulaire n’a pas été reçu
not-received-lead = Vous n’êtes plus connecté, donc rien n’est arrivé à { $portal }.
not-received-confirm-lead = { $portal } vous demande d’abord de confirmer qui vous êtes, donc rien n’y est arrivé.
not-received-large = Le formulaire est trop grand pour être gardé entre-temps. Il n’a été enregistré nulle part.
not-received-now = Le formulaire n’a pas pu être gardé entre-temps. Il n’a été enregistré nulle part.
not-received-next = Continuez ici, retournez à votre formulaire et envoyez-le à nouveau. Si vous revenez en arrière, votre navigateur a peut-être encore ce que vous avez rempli.
not-received-sign-in = Se connecter et retourner au formulaire
not-received-confirm = Confirmer et retourner au formulaire
