# The page for strangers at a portal's first address, and the list of portals.
landing-title = Bienvenue
portals-title = Vos portails
portals-lead = Choisissez où vous voulez aller.
portals-none = Il n’y a aucun portail que vous puissiez ouvrir. Si vous devriez y avoir accès, demandez-le.
portals-here = vous êtes ici
portals-other = Aller à un autre portail
handing-over-lead = Vous êtes connecté.
access-title = Demander l’accès
access-lead = Vous demandez aux administrateurs de { $portal } l’accès à cette page :
access-submit = Envoyer la demande
access-filed = Votre demande a été envoyée. Les administrateurs la voient et y répondent.
access-reference = Numéro de la demande
