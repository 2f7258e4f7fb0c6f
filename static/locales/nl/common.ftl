# Wat alle pagina's delen.
title-error = Fout:
skip = Naar de inhoud
nav-label = Uw account
nav-account = Account
nav-sign-out = Afmelden
signed-in-as = Aangemeld als { $name }
badge-switch = Ander account
badge-close = Verbergen tot de volgende aanmelding
language-label = Taal
help-label = Hulp nodig?
help-admin = Hulp nodig? Vraag het uw beheerder.
continue = Verder
copy = Kopiëren
copied = Gekopieerd
download = Downloaden
downloaded = Gedownload
print = Afdrukken
remove = Verwijderen
time-days-left = { $days ->
    [0] nog minder dan een dag
    [one] nog één dag
   *[other] nog { $days } dagen
}
error-summary = Dat is niet gelukt
error-too-many = Er waren te veel pogingen. Wacht even voordat u het opnieuw probeert.
error-too-many-until = Er waren te veel pogingen. U kunt het opnieuw proberen vanaf { $time }.
error-tries-left = { $tries ->
    [one] U hebt nog één poging.
   *[other] U hebt nog { $tries } pogingen.
}
error-busy = We kunnen dit nu niet controleren. Probeer het over enkele seconden opnieuw.
error-form = Dit formulier stond te lang open, of uw browser accepteert geen cookies. Sta cookies toe voor deze site en probeer het opnieuw.
