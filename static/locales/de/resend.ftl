# Ein Formular, das auf eine Anmeldung traf.
resend-title = Ihr Formular jetzt senden?
resend-lead = Bevor { $portal } Ihr Formular annehmen konnte, mussten Sie zeigen, wer Sie sind. Es wurde für Sie aufbewahrt und noch nicht gesendet.
resend-as = Es wird als { $name } gesendet.
resend-to = Es geht an
resend-kept = Aufbewahrt seit
resend-fields = Das wird gesendet
resend-empty = Das Formular hat keine Felder.
resend-cut = hier gekürzt, wird ganz gesendet
resend-hidden = hier nicht gezeigt
resend-file = Datei { $name }
resend-more = { $count ->
    [one] Ein weiteres Feld wird gesendet und hier nicht gezeigt.
   *[other] { $count } weitere Felder werden gesendet und hier nicht gezeigt.
}
resend-unreadable = { $size }, die hier nicht gezeigt werden können. Sie werden genau so gesendet.
resend-send = Jetzt senden
resend-discard = Verwerfen
resend-until = Es wird einmal gesendet. Wenn Sie nichts tun, wird es um { $time } gelöscht.
resend-nothing-title = Nichts wartet darauf, gesendet zu werden
resend-nothing-what = Was in diesem Browser aufbewahrt war, wurde gesendet oder verworfen, gehört zu einem anderen Konto oder wartete länger als zehn Minuten.
resend-nothing-next = Bitte sehen Sie in { $portal } nach, ob es angekommen ist, bevor Sie das Formular noch einmal ausfüllen.
not-received-title = Ihr Formular ist nicht angekommen
not-received-lead = Sie sind nicht mehr angemeldet, deshalb hat { $portal } nichts erreicht.
not-received-confirm-lead = { $portal } bittet Sie, zuerst zu bestätigen, wer Sie sind; deshalb ist dort nichts angekommen.
not-received-large = Das Formular ist zu groß, um es so lange aufzubewahren. Es wurde nirgends gespeichert.
not-received-now = Das Formular konnte so lange nicht aufbewahrt werden. Es wurde nirgends gespeichert.
not-received-next = Gehen Sie hier weiter, kehren Sie zu Ihrem Formular zurück und senden Sie es noch einmal. Vielleicht hat Ihr Browser noch, was Sie ausgefüllt haben, wenn Sie zurückgehen.
not-received-sign-in = Anmelden und zurück zum Formular
not-received-confirm = Bestätigen und zurück zum Formular
