# Was alle Seiten gemeinsam haben.
title-error = Fehler:
skip = Zum Inhalt
nav-label = Ihr Konto
nav-account = Konto
nav-sign-out = Abmelden
signed-in-as = Angemeldet als { $name }
badge-switch = Konto wechseln
badge-close = Bis zur nächsten Anmeldung ausblenden
language-label = Sprache
help-label = Brauchen Sie Hilfe?
help-admin = Brauchen Sie Hilfe? Fragen Sie Ihre Administration.
continue = Weiter
copy = Kopieren
copied = Kopiert
download = Herunterladen
downloaded = Heruntergeladen
print = Drucken
remove = Entfernen
time-days-left = { $days ->
    [0] noch weniger als ein Tag
    [one] noch ein Tag
   *[other] noch { $days } Tage
}
error-summary = Das hat nicht geklappt
error-too-many = Es gab zu viele Versuche. Bitte warten Sie eine Weile, bevor Sie es erneut versuchen.
error-too-many-until = Es gab zu viele Versuche. Sie können es ab { $time } erneut versuchen.
error-tries-left = { $tries ->
    [one] Sie haben noch einen Versuch.
   *[other] Sie haben noch { $tries } Versuche.
}
error-busy = Wir können das gerade nicht prüfen. Bitte versuchen Sie es in einigen Sekunden erneut.
error-form = Dieses Formular war zu lange geöffnet, oder Ihr Browser nimmt keine Cookies an. Erlauben Sie Cookies für diese Website und versuchen Sie es erneut.
