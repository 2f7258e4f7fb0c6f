# The page for strangers at a portal's first address, and the list of portals.
landing-title = Willkommen
portals-title = Ihre Portale
portals-lead = Wählen Sie, wohin Sie möchten.
portals-none = Es gibt kein Portal, das Sie öffnen dürfen. Wenn Sie Zugang haben sollten, bitten Sie darum.
portals-here = Sie sind hier
portals-other = Zu einem anderen Portal
handing-over-lead = Sie sind angemeldet.
access-title = Zugang anfragen
access-lead = Sie bitten die Verwaltung von { $portal } um Zugang zu dieser Seite:
access-submit = Anfrage senden
access-filed = Ihre Anfrage wurde gesendet. Die Verwaltung sieht und beantwortet sie.
access-reference = Kennzeichen
