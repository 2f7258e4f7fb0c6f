// Every port of the store with its verbs, for the doubles that fail on purpose. Each defines `port!` and includes this.

port!(Sessions {
    fn open_session(session: &Session, replaces: Option<&TokenHash>) -> ();
    fn note_seen(seen: &[(TokenHash, Timestamp)]) -> ();
    fn close_session(id: &RecordId) -> Option<TokenHash>;
    fn close_sessions_of(person: &UserId, except: Option<&TokenHash>) -> Vec<TokenHash>;
    fn sessions(person: Option<&UserId>) -> Vec<Session>;
});
port!(Trusts {
    fn trust_device(trust: &DeviceTrust) -> ();
    fn recall_device(hash: &TokenHash) -> Option<DeviceTrust>;
    fn rotate_device(id: &RecordId, from: &TokenHash, to: &TokenHash, now: Timestamp) -> bool;
    fn devices(person: Option<&UserId>) -> Vec<DeviceTrust>;
    fn trust_address(trust: &AddressTrust) -> ();
    fn note_address_used(id: &RecordId, now: Timestamp) -> ();
    fn addresses(person: Option<&UserId>) -> Vec<AddressTrust>;
    fn revoke_trust(id: &RecordId) -> bool;
    fn revoke_trusts_of(person: &UserId) -> Vec<RecordId>;
});
port!(Pins {
    fn set_pin(pin: &DevicePin) -> bool;
    fn pin_of(device: &RecordId) -> Option<DevicePin>;
    fn remove_pin(device: &RecordId) -> bool;
    fn reserve_pin_try(device: &RecordId, most: u32) -> Option<DevicePin>;
    fn release_pin_try(device: &RecordId) -> ();
    fn accept_pin(device: &RecordId) -> bool;
    fn refuse_pin(device: &RecordId, most: u32) -> PinLeft;
});
port!(Accounts {
    fn account(person: &UserId) -> Account;
    fn outlines() -> Vec<AccountOutline>;
    fn add_totp(factor: &TotpFactor, linking: Linking, keep: Option<&TokenHash>) -> Option<Vec<TokenHash>>;
    fn remove_totp(person: &UserId, id: &RecordId, leaving: Leaving, keep: Option<&TokenHash>) -> Unlinked<Vec<TokenHash>>;
    fn consume_step(id: &RecordId, step: i64, now: Timestamp) -> bool;
    fn replace_recovery_codes(person: &UserId, codes: &[TokenHash]) -> ();
    fn consume_recovery_code(person: &UserId, code: &TokenHash) -> bool;
    fn add_contact(person: &UserId, contact: &Contact, keep: Option<&TokenHash>) -> Option<Vec<TokenHash>>;
    fn remove_contact(person: &UserId, method: Method, keep: Option<&TokenHash>) -> Option<Vec<TokenHash>>;
    fn reset_second_factor(person: &UserId) -> Vec<TokenHash>;
    fn switch_second_factor(person: &UserId, wants: bool) -> ();
    fn choose_language(person: &UserId, language: &str) -> ();
});
port!(Passkeys {
    fn add_passkey(passkey: &Passkey, linking: Linking, keep: Option<&TokenHash>) -> Option<Vec<TokenHash>>;
    fn remove_passkey(person: &UserId, id: &RecordId, leaving: Leaving, keep: Option<&TokenHash>) -> Unlinked<Vec<TokenHash>>;
    fn find_passkey(credential_id: &[u8]) -> Option<Passkey>;
    fn use_passkey(id: &RecordId, from: &str, to: &str, now: Timestamp) -> bool;
});
port!(Identities {
    fn begin_departure(departure: &Departure) -> ();
    fn take_departure(hash: &TokenHash) -> Option<Departure>;
    fn link_identity(identity: &Identity) -> Linked;
    fn find_identity(issuer: &str, subject: &str) -> Option<Identity>;
    fn identities(person: &UserId) -> Vec<Identity>;
    fn unlink_identity(person: &UserId, id: &RecordId) -> bool;
    fn note_identity_used(id: &RecordId, now: Timestamp) -> ();
});
port!(Logins {
    fn begin_login(login: &Login) -> ();
    fn recall_login(hash: &TokenHash) -> Option<Login>;
    fn take_login(hash: &TokenHash) -> Option<Login>;
});
port!(Links {
    fn offer_link(offer: &LinkOffer) -> ();
    fn recall_link(link: &TokenHash) -> Option<LinkOffer>;
    fn recall_link_of(browser: &TokenHash) -> Option<LinkOffer>;
    fn take_link(link: &TokenHash) -> Option<LinkOffer>;
    fn take_link_of(browser: &TokenHash) -> Option<LinkOffer>;
});
port!(Notices {
    fn note_seen_by(person: &UserId, marks: &[TokenHash], ends_at: Timestamp, now: Timestamp) -> Vec<TokenHash>;
    fn offer_not_me(link: &NotMe) -> ();
    fn recall_not_me(link: &TokenHash) -> Option<NotMe>;
    fn disavow(link: &TokenHash) -> bool;
});
port!(Pairings {
    fn offer_pairing(pairing: &Pairing) -> bool;
    fn recall_pairing(number: &TokenHash) -> Option<Pairing>;
    fn recall_pairing_of(poll: &TokenHash) -> Option<Pairing>;
    fn claim_pairing(number: &TokenHash, with: &PairedWith, now: Timestamp, until: Timestamp) -> bool;
});
port!(Approvals {
    fn find_page(app: &RecordId) -> Option<Page>;
    fn ask_approval(approval: &Approval) -> ();
    fn recall_approval(person: &UserId) -> Option<Approval>;
    fn decide_approval(id: &RecordId, decision: Decision, now: Timestamp) -> bool;
    fn take_decided(login: &TokenHash) -> Option<Approval>;
});
port!(Residents {
    fn residents() -> Vec<KeptPerson>;
    fn search_residents(query: &PeopleQuery) -> PeoplePage;
    fn add_residents(people: &[KeptPerson]) -> Result<(), Taken>;
    fn import_residents(new: &[KeptPerson], changed: &[(KeptPerson, Ends)]) -> Result<Vec<TokenHash>, Taken>;
    fn change_resident(person: &KeptPerson, ends: Ends, keep: Option<&TokenHash>) -> Result<Option<Vec<TokenHash>>, Taken>;
    fn rename_resident(from: &UserId, person: &KeptPerson) -> Result<Option<Vec<TokenHash>>, Taken>;
    fn remove_resident(person: &UserId) -> Option<Vec<TokenHash>>;
    fn switches() -> Switches;
    fn set_switches(switches: &Switches) -> ();
});
port!(HelpRequests {
    fn file_help(request: &HelpRequest, now: Timestamp) -> HelpRequest;
    fn help_requests(open_at: Option<Timestamp>, limit: usize) -> Vec<HelpRequest>;
    fn recall_help(id: &RecordId) -> Option<HelpRequest>;
    fn answer_help(id: &RecordId, answer: &HelpAnswer, now: Timestamp) -> bool;
});
port!(BreakGlasses {
    fn offer_break_glass(glass: &BreakGlass) -> ();
    fn take_break_glass(person: &UserId, hash: &TokenHash) -> Option<BreakGlass>;
});
port!(Invitations {
    fn offer_invitation(invitation: &Invitation) -> ();
    fn recall_invitation(link: &TokenHash) -> Option<Invitation>;
    fn take_invitation(link: &TokenHash) -> Option<Invitation>;
    fn invitation_of(person: &UserId) -> Option<Invitation>;
});
port!(KeptForms {
    fn keep_form(form: &SealedForm, room: Room, now: Timestamp) -> bool;
    fn recall_form(hash: &TokenHash) -> Option<SealedForm>;
    fn claim_form(hash: &TokenHash, person: &UserId) -> bool;
    fn take_form(hash: &TokenHash) -> Option<SealedForm>;
});
port!(Attempts {
    fn reserve_try(buckets: &[Bucket], now: Timestamp) -> TryVerdict;
    fn release_try(buckets: &[Bucket]) -> ();
    fn unlock(person: &UserId) -> ();
});
port!(Journal {
    fn record(events: &[AuditEvent]) -> ();
    fn history(person: &UserId, limit: usize) -> Vec<AuditEvent>;
    fn search_events(query: &EventQuery) -> Vec<(u64, AuditEvent)>;
    fn count_days(kinds: &[AuditKind], since: Timestamp) -> Vec<DayCount>;
});
port!(Upkeep {
    fn sweep(now: Timestamp, keep_events: Duration) -> Swept;
    fn latest_moment() -> Option<Timestamp>;
    fn note_moment(now: Timestamp) -> ();
    fn check_writable() -> ();
});
