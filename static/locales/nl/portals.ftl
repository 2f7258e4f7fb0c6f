# The page for strangers at a portal's first address, and the list of portals.
landing-title = Welkom
portals-title = Uw portalen
portals-lead = Kies waar u naartoe wilt.
portals-none = Er is geen portaal dat u mag openen. Zou u toegang moeten hebben? Vraag erom.
portals-here = u bent hier
portals-other = Naar een ander portaal
handing-over-lead = U bent aangemeld.
