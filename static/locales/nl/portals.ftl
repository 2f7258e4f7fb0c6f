# The page for strangers at a portal's first address, and the list of portals.
landing-title = Welkom
portals-title = Uw portalen
portals-lead = Kies waar u naartoe wilt.
portals-none = Er is geen portaal dat u mag openen. Zou u toegang moeten hebben? Vraag erom.
portals-here = u bent hier
portals-other = Naar een ander portaal
handing-over-lead = U bent aangemeld.
access-title = Toegang vragen
access-lead = U vraagt de beheerders van { $portal } om toegang tot deze pagina:
access-submit = Aanvraag versturen
access-filed = Uw aanvraag is verstuurd. De beheerders zien en beantwoorden haar.
access-reference = Kenmerk
