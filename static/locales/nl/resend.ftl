# Een formulier dat op een aanmelding stuitte.
resend-title = Uw formulier nu versturen?
resend-lead = Voordat { $portal } uw formulier kon aannemen, moest u laten zien wie u bent. Het is voor u bewaard en nog niet verstuurd.
resend-as = Het wordt verstuurd als { $name }.
resend-to = Het gaat naar
resend-kept = Bewaard sinds
resend-fields = Dit wordt verstuurd
resend-empty = Het formulier heeft geen velden.
resend-cut = hier ingekort, wordt heel verstuurd
resend-hidden = hier niet getoond
resend-file = Bestand { $name }
resend-more = { $count ->
    [one] Nog één veld wordt verstuurd en hier niet getoond.
   *[other] Nog { $count } velden worden verstuurd en hier niet getoond.
}
resend-unreadable = { $size } die hier niet getoond kunnen worden. Ze worden precies zo verstuurd.
resend-send = Nu versturen
resend-discard = Weggooien
resend-until = Het wordt één keer verstuurd. Als u niets doet, wordt het om { $time } gewist.
resend-nothing-title = Er wacht niets om te versturen
resend-nothing-what = Wat in deze browser bewaard was, is verstuurd of weggegooid, hoort bij een ander account, of wachtte langer dan tien minuten.
resend-nothing-next = Kijk in { $portal } of het is aangekomen voordat u het formulier opnieuw invult.
not-received-title = Uw formulier is niet ontvangen
not-received-lead = U bent niet meer aangemeld, dus er is niets bij { $portal } aangekomen.
not-received-confirm-lead = { $portal } vraagt u eerst te bevestigen wie u bent, dus er is daar niets aangekomen.
not-received-large = Het formulier is te groot om intussen te bewaren. Het is nergens opgeslagen.
not-received-now = Het formulier kon intussen niet bewaard worden. Het is nergens opgeslagen.
not-received-next = Ga hier verder, keer terug naar uw formulier en verstuur het opnieuw. Als u teruggaat, heeft uw browser misschien nog wat u invulde.
not-received-sign-in = Aanmelden en terug naar het formulier
not-received-confirm = Bevestigen en terug naar het formulier
