# The page for strangers at a portal's first address, and the list of portals.
landing-title = Welcome
portals-title = Your portals
portals-lead = Choose where you want to go.
portals-none = There is no portal that you may open. If you should have access, ask for it.
portals-here = you are here
portals-other = Go to another portal
handing-over-lead = You are signed in.
access-title = Ask for access
access-lead = You ask the administrators of { $portal } for access to this page:
access-submit = Send the request
access-filed = Your request was sent. The administrators see it and answer it.
access-reference = Reference
