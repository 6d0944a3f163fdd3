//! What can be wrong with a request, in one table: code, status, title and detail in every language.
//!
//! A [`Problem`] says what happened and carries the values its sentence needs; the words are put in when it is shown,
//! in the reader's language (RFC 9457 calls the parts `title` and `detail`). Knows no HTTP beyond the number of a status.

use std::fmt;

use super::language::Language;

/// One line of the table.
struct Entry {
    name: &'static str,
    status: u16,
    title: [&'static str; 2],
    detail: [&'static str; 2],
}

macro_rules! problem_codes {
    ($($variant:ident $name:literal $status:literal
        en $title_en:literal: $detail_en:literal
        de $title_de:literal: $detail_de:literal)+) => {
        /// What is wrong, stable for clients; its text names it in answers.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $(#[doc = $title_en] $variant),+
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const fn entry(self) -> Entry {
                match self {
                    $(Self::$variant => Entry {
                        name: $name,
                        status: $status,
                        title: [$title_en, $title_de],
                        detail: [$detail_en, $detail_de],
                    }),+
                }
            }
        }
    };
}

// In a detail, `{name}` stands for the argument of that name.
problem_codes! {
    // The request as such
    MalformedJson "malformed_json" 400
        en "Malformed JSON": "The body is not JSON: {reason}."
        de "Fehlerhaftes JSON": "Der Inhalt ist kein JSON: {reason}."
    InvalidRequest "invalid_request" 422
        en "Invalid request": "The request has errors; each names its place."
        de "Ungültige Anfrage": "Die Anfrage enthält Fehler; jeder nennt seine Stelle."
    InvalidQuery "invalid_query" 400
        en "Invalid query": "The query is not understood: {reason}."
        de "Ungültige Abfrage": "Die Abfrage ist nicht verständlich: {reason}."
    BadRequest "bad_request" 400
        en "Not understood": "The request is not understood. Check its form."
        de "Nicht verstanden": "Die Anfrage ist nicht verständlich. Prüfen Sie ihre Form."
    RequestTimeout "request_timeout" 408
        en "Too slow": "The body did not arrive within {seconds} seconds. Send it again."
        de "Zu langsam": "Der Inhalt kam nicht innerhalb von {seconds} Sekunden an. Senden Sie ihn erneut."
    NotFound "not_found" 404
        en "Not found": "There is nothing here that you may see."
        de "Nicht gefunden": "Hier ist nichts, was Sie sehen dürfen."
    MethodNotAllowed "method_not_allowed" 405
        en "Method not allowed": "This address takes {allow}."
        de "Methode nicht erlaubt": "Diese Adresse nimmt {allow} an."
    PayloadTooLarge "payload_too_large" 413
        en "Body too large": "The body may have {limit} bytes at most."
        de "Inhalt zu groß": "Der Inhalt darf höchstens {limit} Bytes haben."
    UnsupportedMediaType "unsupported_media_type" 415
        en "Unsupported media type": "Send one of: {supported}."
        de "Medientyp nicht unterstützt": "Senden Sie eines von: {supported}."
    Unauthorized "unauthorized" 401
        en "Not authorised": "A valid bearer token is needed."
        de "Nicht angemeldet": "Ein gültiges Bearer-Token ist nötig."
    Forbidden "forbidden" 403
        en "Not permitted": "Your roles and the scope of your token do not permit this."
        de "Nicht gestattet": "Ihre Rollen und der Umfang Ihres Tokens gestatten dies nicht."
    PreconditionFailed "precondition_failed" 412
        en "Changed in the meantime": "Somebody changed it after you read it. Read it again, then change it."
        de "Inzwischen geändert": "Jemand hat es nach Ihrem Lesen geändert. Lesen Sie es neu und ändern Sie es dann."
    PreconditionRequired "precondition_required" 428
        en "If-Match is required": "Send If-Match with the ETag that you read, so that no change is lost."
        de "If-Match ist nötig": "Senden Sie If-Match mit dem gelesenen ETag, damit keine Änderung verloren geht."
    IdempotencyMismatch "idempotency_key_reused" 422
        en "Idempotency key used before": "This key was used with another body. Use a new key for a new request."
        de "Idempotenzschlüssel schon verwendet": "Dieser Schlüssel wurde mit anderem Inhalt verwendet. Nehmen Sie für eine neue Anfrage einen neuen."
    CursorExpired "cursor_expired" 410
        en "Cursor expired": "The version this cursor names can no longer be read. Start again from the first page."
        de "Zeiger abgelaufen": "Der Stand, den dieser Zeiger nennt, ist nicht mehr lesbar. Beginnen Sie wieder mit der ersten Seite."
    Overloaded "overloaded" 503
        en "Too busy": "More is waiting than can be taken in. Try again after the time in Retry-After."
        de "Ausgelastet": "Es wartet mehr, als angenommen werden kann. Versuchen Sie es nach der Zeit in Retry-After erneut."
    TooManyStreams "too_many_streams" 429
        en "Too many streams": "You have as many streams open as one person may. Close one, or share one between windows."
        de "Zu viele Datenströme": "Sie haben so viele Datenströme offen, wie eine Person haben darf. Schließen Sie einen oder teilen Sie einen zwischen Fenstern."
    NotYetVisible "not_yet_visible" 503
        en "Not there yet": "This instance has not reached version {version} yet. Try again after the time in Retry-After."
        de "Noch nicht da": "Diese Instanz hat Version {version} noch nicht erreicht. Versuchen Sie es nach der Zeit in Retry-After erneut."
    Stopping "stopping" 503
        en "Stopping": "This instance is about to stop. Another one answers, or this one after the time in Retry-After."
        de "Wird beendet": "Diese Instanz wird gleich beendet. Eine andere antwortet, oder diese nach der Zeit in Retry-After."
    Unavailable "unavailable" 503
        en "Temporarily unavailable": "The database is away, busy or full just now. Nothing was changed, or it will be found: the same request may be sent again."
        de "Vorübergehend nicht verfügbar": "Die Datenbank ist gerade nicht erreichbar, belegt oder voll. Es wurde nichts geändert, oder es findet sich wieder: dieselbe Anfrage darf erneut gesendet werden."
    Internal "internal" 500
        en "Internal error": "Something went wrong on our side; it is logged under {reference}."
        de "Interner Fehler": "Bei uns ist etwas schiefgegangen; es ist unter {reference} protokolliert."

    // Any field
    UnknownField "unknown_field" 422
        en "Unknown field": "There is no field {field} here. Known: {known}."
        de "Unbekanntes Feld": "Ein Feld {field} gibt es hier nicht. Bekannt: {known}."
    MissingField "missing_field" 422
        en "Missing field": "The field {field} is required."
        de "Fehlendes Feld": "Das Feld {field} ist nötig."
    DuplicateField "duplicate_field" 422
        en "Field twice": "The field {field} is given twice."
        de "Feld doppelt": "Das Feld {field} ist zweimal angegeben."
    NotTaken "not_taken" 422
        en "Not taken": "This is not taken: {reason}."
        de "Nicht angenommen": "Das wird nicht angenommen: {reason}."
    WrongType "wrong_type" 422
        en "Wrong type": "This should be {expected}."
        de "Falscher Typ": "Hier wird erwartet: {expected}."
    ExpectedObject "object_expected" 422
        en "Not an object": "This should be an object: named fields in braces."
        de "Kein Objekt": "Hier wird ein Objekt erwartet: benannte Felder in geschweiften Klammern."
    ExpectedList "list_expected" 422
        en "Not a list": "This should be a list in brackets."
        de "Keine Liste": "Hier wird eine Liste in eckigen Klammern erwartet."
    ExpectedText "text_expected" 422
        en "Not a text": "This should be a text in quotation marks."
        de "Kein Text": "Hier wird ein Text in Anführungszeichen erwartet."
    ExpectedNumber "number_expected" 422
        en "Not a number": "This should be a number of at most 28 digits from -1000000000000 to 1000000000000."
        de "Keine Zahl": "Hier wird eine Zahl mit höchstens 28 Ziffern von -1000000000000 bis 1000000000000 erwartet."
    ExpectedWhole "whole_number_expected" 422
        en "Not such a whole number": "Write a whole number from {least} to {most}."
        de "Keine solche ganze Zahl": "Schreiben Sie eine ganze Zahl von {least} bis {most}."
    InvalidAmount "invalid_amount" 422
        en "Not an amount": "Write an amount such as \"50.00\": a text of digits with at most two decimals, at most 10000000.00."
        de "Kein Betrag": "Schreiben Sie einen Betrag wie \"50.00\": einen Text aus Ziffern mit höchstens zwei Nachkommastellen, höchstens 10000000.00."
    InvalidCurrency "invalid_currency" 422
        en "Not a currency": "Write a currency in three capital letters, such as EUR."
        de "Keine Währung": "Schreiben Sie eine Währung in drei Großbuchstaben, etwa EUR."
    ExpectedScalar "value_expected" 422
        en "Not a value": "This should be a text, a number, true or false."
        de "Kein Wert": "Hier wird ein Text, eine Zahl, true oder false erwartet."
    EmptyList "empty_list" 422
        en "Nothing in it": "At least one entry is needed here."
        de "Nichts darin": "Hier wird mindestens ein Eintrag erwartet."
    NulCharacter "nul_character" 422
        en "NUL character": "The character U+0000 is not taken anywhere."
        de "NUL-Zeichen": "Das Zeichen U+0000 wird nirgends angenommen."
    EmptyText "empty_text" 422
        en "Empty text": "This text is empty."
        de "Leerer Text": "Dieser Text ist leer."
    TextTooLong "text_too_long" 422
        en "Text too long": "At most {limit} characters are taken here."
        de "Text zu lang": "Hier werden höchstens {limit} Zeichen angenommen."
    UnfitCharacter "unfit_character" 422
        en "Unfit character": "The character {character} is not taken: it controls, hides or reorders text."
        de "Ungeeignetes Zeichen": "Das Zeichen {character} wird nicht angenommen: Es steuert, versteckt oder ordnet Text um."
    MarkUp "mark_up" 422
        en "Mark-up": "Text is plain here, and {found} looks like mark-up. Leave it out, or put a space after <."
        de "Auszeichnung im Text": "Hier steht nur einfacher Text, und {found} sieht nach einer Auszeichnung aus. Lassen Sie sie weg oder setzen Sie ein Leerzeichen hinter <."
    InvalidCode "invalid_code" 422
        en "Invalid code": "A code has 1 to 64 lower-case letters, digits, - and _, and starts with a letter or a digit."
        de "Ungültiger Code": "Ein Code hat 1 bis 64 Kleinbuchstaben, Ziffern, - und _ und beginnt mit Buchstabe oder Ziffer."
    InvalidIdentifier "invalid_identifier" 422
        en "Invalid identifier": "Use 1 to 200 visible ASCII characters."
        de "Ungültige Kennung": "Verwenden Sie 1 bis 200 sichtbare ASCII-Zeichen."
    InvalidNumber "invalid_number" 422
        en "Number out of range": "This number should be {expected}."
        de "Zahl außerhalb des Bereichs": "Diese Zahl sollte {expected} sein."
    InvalidDate "invalid_date" 422
        en "Invalid date or time": "This should be {expected}."
        de "Ungültiges Datum oder ungültige Zeit": "Hier wird erwartet: {expected}."
    InvalidTimeZone "invalid_time_zone" 422
        en "Unknown time zone": "There is no time zone {zone} in the IANA database."
        de "Unbekannte Zeitzone": "In der IANA-Datenbank gibt es keine Zeitzone {zone}."
    InvalidInterval "invalid_interval" 422
        en "Interval ends before it starts": "The end must lie after the start."
        de "Zeitraum endet vor seinem Beginn": "Das Ende muss nach dem Anfang liegen."
    InvalidValue "invalid_value" 422
        en "Unfit value": "This should be one of: {expected}."
        de "Ungeeigneter Wert": "Hier wird eines erwartet von: {expected}."
    TooMany "too_many" 422
        en "Too many": "At most {limit} are taken here."
        de "Zu viele": "Hier werden höchstens {limit} angenommen."
    Fixed "fixed" 422
        en "Fixed for life": "{field} cannot be changed once it is used. Make a new one."
        de "Dauerhaft festgelegt": "{field} kann nach der ersten Verwendung nicht geändert werden. Legen Sie etwas Neues an."
    DuplicateDate "duplicate_date" 422
        en "Date twice": "The date {date} is listed twice."
        de "Datum doppelt": "Das Datum {date} steht zweimal in der Liste."
    AlreadyExists "already_exists" 409
        en "Exists already": "{what} is taken."
        de "Schon vorhanden": "{what} ist schon vergeben."

    Cancelled "cancelled" 409
        en "Cancelled": "This was cancelled before it was done."
        de "Abgebrochen": "Dies wurde abgebrochen, bevor es fertig war."

    // Directory
    UnknownPerson "unknown_person" 422
        en "Unknown person": "Nobody in the directory is {reference}."
        de "Unbekannte Person": "Niemand im Verzeichnis ist {reference}."
    UnknownTeam "unknown_team" 422
        en "Unknown team": "There is no team {team}."
        de "Unbekanntes Team": "Ein Team {team} gibt es nicht."
    TeamCycle "team_cycle" 422
        en "Team inside itself": "A team cannot be its own parent, directly or through others."
        de "Team in sich selbst": "Ein Team kann weder direkt noch über andere sich selbst übergeordnet sein."
    InactivePerson "inactive_person" 422
        en "Person is inactive": "{reference} is not active."
        de "Person ist inaktiv": "{reference} ist nicht aktiv."
    PersonErased "person_erased" 409
        en "Person is erased": "This person was erased, for good: nothing about them changes any more."
        de "Person ist gelöscht": "Diese Person wurde endgültig gelöscht: Über sie ändert sich nichts mehr."
    MembershipOverlap "membership_overlap" 422
        en "Memberships overlap": "A person has at most one home team at a time; another membership already starts at or after this one."
        de "Mitgliedschaften überschneiden sich": "Eine Person hat zu jeder Zeit höchstens ein Heimatteam; eine andere Mitgliedschaft beginnt schon zu oder nach diesem Zeitpunkt."
    UnfitUserName "unfit_user_name" 422
        en "Unfit user name": "A user name is not me, not . or .., and not a UUID: addresses take these for something else."
        de "Ungeeigneter Benutzername": "Ein Benutzername ist nicht me, nicht . oder .. und keine UUID: Adressen verstehen darunter etwas anderes."
    InvalidEmail "invalid_email" 422
        en "Not an e-mail address": "An address has one @ with something on both sides, no spaces, and at most 254 characters."
        de "Keine E-Mail-Adresse": "Eine Adresse hat ein @ mit etwas auf beiden Seiten, keine Leerzeichen und höchstens 254 Zeichen."
    TeamsTooDeep "teams_too_deep" 422
        en "Too many levels": "Teams may be {limit} levels deep at most."
        de "Zu viele Ebenen": "Teams dürfen höchstens {limit} Ebenen tief sein."
    ZoneInOtherMonth "zone_in_other_month" 422
        en "Another month there": "In {zone} it is another month just now, and kudos allowances are per month. Change the zone when it is the same month in both."
        de "Dort ist ein anderer Monat": "In {zone} ist gerade ein anderer Monat, und Kudos-Kontingente gelten je Monat. Ändern Sie die Zone, wenn in beiden derselbe Monat ist."
    StrictProfile "strict_profile" 422
        en "Too open for the strict profile": "Under the strict privacy profile this must be: {expected}. It may be tightened, not loosened."
        de "Zu offen für das strenge Profil": "Unter dem strengen Datenschutzprofil muss hier stehen: {expected}. Verschärfen geht, lockern nicht."
    LastAdmin "last_admin" 409
        en "Last administrator": "The organisation needs at least one active administrator."
        de "Letzte Administration": "Die Organisation braucht mindestens eine aktive Administration."

    AbsenceTooLong "absence_too_long" 422
        en "Too many days off at once": "An absence may have {limit} days at most. Enter several."
        de "Zu viele freie Tage am Stück": "Eine Abwesenheit darf höchstens {limit} Tage haben. Tragen Sie mehrere ein."

    // Evidence
    UnknownAgent "unknown_agent" 422
        en "Unknown agent": "Nobody in the directory is {reference}."
        de "Unbekannte Person": "Niemand im Verzeichnis ist {reference}."
    UnknownMeasure "unknown_measure" 422
        en "Unknown measure": "There is no measure {measure} in the catalogue."
        de "Unbekannte Messgröße": "Im Katalog gibt es keine Messgröße {measure}."
    OutsideScale "outside_scale" 422
        en "Outside the scale": "{measure} runs {scale}; {value} lies outside."
        de "Außerhalb der Skala": "{measure} reicht {scale}; {value} liegt außerhalb."
    InTheFuture "in_the_future" 422
        en "In the future": "{occurred_at} is more than 5 minutes ahead of {now}."
        de "In der Zukunft": "{occurred_at} liegt mehr als 5 Minuten vor {now}."
    BeforeWindow "before_acceptance_window" 422
        en "Too old": "Evidence is accepted for {days} days, back to {earliest}."
        de "Zu alt": "Belege werden {days} Tage lang angenommen, zurück bis {earliest}."
    Sealed "sealed" 422
        en "In a sealed season": "The season {season} of {programme} is closed, and too old for its evidence to change."
        de "In einer versiegelten Saison": "Die Saison {season} von {programme} ist abgeschlossen und so alt, dass sich ihre Belege nicht mehr ändern."
    VersionConflict "version_conflict" 422
        en "Version with other content": "Version {version} of this signal is held with other content. Send a higher version to correct it."
        de "Version mit anderem Inhalt": "Version {version} dieses Signals liegt mit anderem Inhalt vor. Senden Sie zur Korrektur eine höhere Version."
    ReservedSource "reserved_source" 422
        en "Reserved": "{name} is reserved for the server itself."
        de "Vorbehalten": "{name} ist dem Server vorbehalten."
    SourceNotPermitted "source_not_permitted" 403
        en "Not your source": "You may not write the source {source}."
        de "Nicht Ihre Quelle": "Sie dürfen die Quelle {source} nicht beschreiben."

    // Programmes
    UnknownName "unknown_name" 422
        en "Undeclared name": "There is no {what} {name} here."
        de "Nicht vereinbarter Name": "Hier gibt es nicht: {what} {name}."
    DuplicateCode "duplicate_code" 422
        en "Code used twice": "The code {code} is used twice."
        de "Code doppelt": "Der Code {code} kommt zweimal vor."
    NotBuilt "not_available" 422
        en "Not available yet": "{what} is part of the language, but this version of Applaus does not run it. Leave it out."
        de "Noch nicht verfügbar": "{what} gehört zur Sprache, wird aber von dieser Version von Applaus nicht ausgeführt. Lassen Sie es weg."
    ExactlyOne "exactly_one" 422
        en "One of these": "Write exactly one of: {choices}."
        de "Eines davon": "Schreiben Sie genau eines von: {choices}."
    AtMostOne "at_most_one" 422
        en "At most one of these": "Write at most one of: {choices}."
        de "Höchstens eines davon": "Schreiben Sie höchstens eines von: {choices}."
    GoesOnlyWith "goes_only_with" 422
        en "Does not go with the rest": "{field} goes only with {with}. Leave it out, or write that too."
        de "Passt nicht zum Übrigen": "{field} gehört zu {with}. Lassen Sie es weg, oder schreiben Sie auch das."
    NotOnGoals "not_on_goals" 422
        en "Not on goals": "Goals have no {what}: leave that out."
        de "Nicht bei Zielen": "{what} gibt es bei Zielen nicht. Lassen Sie es weg."
    NotForTeams "not_for_teams" 422
        en "Not for teams": "{what} cannot be told from the sums that are kept for teams. Choose another, or make the rule one for persons."
        de "Nicht für Teams": "{what} lässt sich aus den Summen, die für Teams geführt werden, nicht ermitteln. Wählen Sie etwas anderes, oder machen Sie die Regel zu einer für Personen."
    WithoutThreshold "measure_without_threshold" 422
        en "Measure without a threshold": "{measure} has no threshold from which on a value is satisfied. Use share with a condition."
        de "Messgröße ohne Schwelle": "{measure} hat keine Schwelle, ab der ein Wert zufrieden ist. Verwenden Sie share mit einer Bedingung."
    NotAnNpsScale "not_an_nps_scale" 422
        en "Not a scale of 0 to 10": "A net promoter score needs a scale of 0 to 10; {measure} runs {scale}."
        de "Keine Skala von 0 bis 10": "Ein Net Promoter Score braucht eine Skala von 0 bis 10; {measure} reicht {scale}."
    NoSignalHere "no_signal_here" 422
        en "No signal to read": "A goal is about many signals, none of which can be read here. Write a number of points, or points over \"goal\", the value reached."
        de "Kein Signal zu lesen": "Ein Ziel handelt von vielen Signalen, und keines davon ist hier zu lesen. Schreiben Sie eine Punktzahl oder Punkte über \"goal\", den erreichten Wert."
    NoGoalHere "no_goal_here" 422
        en "No goal here": "\"goal\" is the value that a goal reached, and this rule has no goal. Name a measure."
        de "Hier ist kein Ziel": "\"goal\" ist der Wert, den ein Ziel erreicht hat, und diese Regel hat kein Ziel. Nennen Sie eine Messgröße."
    InvalidFactor "invalid_factor" 422
        en "Not a factor": "Write a number above 0, at most {most}, with at most two decimals."
        de "Kein Faktor": "Schreiben Sie eine Zahl über 0, höchstens {most}, mit höchstens zwei Nachkommastellen."
    ShortMeasureBoard "short_measure_board" 422
        en "Period too short for a measure": "Leaderboards of a measure have a period of a month or longer: {periods}."
        de "Zeitraum zu kurz für eine Messgröße": "Ranglisten einer Messgröße haben einen Zeitraum von einem Monat oder länger: {periods}."
    IdlePrior "prior_without_effect" 422
        en "Prior without effect": "A prior is one of means. {measure} is no mean: its values are ranked without it."
        de "Vorgabe ohne Wirkung": "Eine Vorgabe gibt es bei Mittelwerten. {measure} ist keiner: Seine Werte werden ohne sie gereiht."
    OneValueSuffices "one_value_suffices" 422
        en "One value suffices": "One lucky value of {measure} is enough for the first rank. Ask for more with \"min_samples\", or give a \"prior\" with its \"weight\"."
        de "Ein Wert genügt": "Ein glücklicher Wert von {measure} genügt für den ersten Rang. Verlangen Sie mehr mit \"min_samples\", oder geben Sie \"prior\" mit \"weight\" an."
    InvalidRanks "invalid_ranks" 422
        en "Not ranks": "Write the first and the last rank in brackets, such as [2, 3]; from prize to prize they ascend without overlap."
        de "Keine Ränge": "Schreiben Sie den ersten und den letzten Rang in eckigen Klammern, etwa [2, 3]; von Preis zu Preis steigen sie ohne Überschneidung."
    EmptyPrize "empty_prize" 422
        en "Prize of nothing": "A prize needs a reward, a badge, or both."
        de "Leerer Preis": "Ein Preis braucht eine Prämie, ein Abzeichen oder beides."
    UnknownReward "unknown_reward" 422
        en "Reward not there yet": "There is no reward {reward} yet. It is looked up when it falls due."
        de "Prämie noch nicht da": "Es gibt noch keine Prämie {reward}. Sie wird gesucht, wenn sie fällig ist."
    UnknownBadge "unknown_badge" 422
        en "Undeclared badge": "No badge {badge} is declared under badges. Declare it there, or correct the code."
        de "Nicht vereinbartes Abzeichen": "Unter badges steht kein Abzeichen {badge}. Tragen Sie es dort ein oder berichtigen Sie den Code."
    UnusedBadge "unused_badge" 422
        en "Badge nobody can earn": "No rule, tier or prize grants the badge {badge}."
        de "Abzeichen, das niemand erhält": "Keine Regel, keine Stufe und kein Preis verleiht das Abzeichen {badge}."
    ExpectedCondition "condition_expected" 422
        en "Not a condition": "A condition names exactly one of: {selectors}."
        de "Keine Bedingung": "Eine Bedingung nennt genau eines von: {selectors}."
    ExpectedTest "condition_without_test" 422
        en "Condition without a test": "Say what {selector} must be, by one or more of: {operators}."
        de "Bedingung ohne Prüfung": "Sagen Sie, was für {selector} gelten muss, mit mindestens einem von: {operators}."
    EmptyTimeSpan "empty_time_span" 422
        en "No time between": "from and until must differ."
        de "Keine Zeit dazwischen": "from und until müssen verschieden sein."
    ExpectedPoints "points_expected" 422
        en "Not points": "Write a whole number, or an object with exactly one of: {forms}."
        de "Keine Punkte": "Schreiben Sie eine ganze Zahl oder ein Objekt mit genau einem von: {forms}."
    ExpectedPair "pair_expected" 422
        en "Not a pair": "Write a pair in brackets: the value of the measure, then the points."
        de "Kein Paar": "Schreiben Sie ein Paar in eckigen Klammern: den Wert der Messgröße, dann die Punkte."
    ZonesNotAscending "zones_not_ascending" 422
        en "Zones not ascending": "The values of the measure must not fall, and at most two corners may share one (a jump)."
        de "Zonen nicht aufsteigend": "Die Werte der Messgröße dürfen nicht fallen, und höchstens zwei Ecken dürfen einen teilen (ein Sprung)."
    EmptyAward "empty_award" 422
        en "Award of nothing": "An award needs points, a badge, or both."
        de "Leere Zuerkennung": "Eine Zuerkennung braucht Punkte, ein Abzeichen oder beides."
    ExpectedLimit "limit_expected" 422
        en "Not a limit": "A limit has exactly one of: times, points."
        de "Keine Grenze": "Eine Grenze hat genau eines von: times, points."
    InvalidDuration "invalid_duration" 422
        en "Not a duration": "Write an ISO 8601 duration of at most 366 days, such as PT30M, PT4H or P7D."
        de "Keine Dauer": "Schreiben Sie eine Dauer nach ISO 8601 von höchstens 366 Tagen, etwa PT30M, PT4H oder P7D."
    SeasonsOverlap "seasons_overlap" 422
        en "Seasons overlap": "Seasons must ascend without overlap: the one before ends with {until}, exclusive."
        de "Saisons überschneiden sich": "Saisons müssen ohne Überschneidung aufsteigen: Die vorige reicht bis vor {until}."
    CombineForPersons "combine_for_persons" 422
        en "Nothing to combine": "combine is for boards of teams. Leave it out, or set subject to team."
        de "Nichts zu verbinden": "combine ist für Ranglisten von Teams. Lassen Sie es weg oder setzen Sie subject auf team."
    InvalidAddress "invalid_address" 422
        en "Not an address": "Write the address of a picture; it starts with https://, http:// or a single /."
        de "Keine Adresse": "Schreiben Sie die Adresse eines Bildes; sie beginnt mit https://, http:// oder einem einzelnen /."
    TooDeep "too_deep" 422
        en "Too deep or too large": "This may be {depth} levels deep and have {nodes} parts. Split it, or make it simpler."
        de "Zu tief oder zu groß": "Dies darf {depth} Ebenen tief sein und {nodes} Teile haben. Teilen oder vereinfachen Sie es."
    NotAscending "not_ascending" 422
        en "Not ascending": "These must ascend strictly."
        de "Nicht aufsteigend": "Diese müssen streng aufsteigen."
    UnseenName "unseen_name" 422
        en "Never seen": "No evidence of the last 90 days bore the {what} {name}."
        de "Nie gesehen": "Kein Beleg der letzten 90 Tage trug {what} {name}."
    UnseenInRange "unseen_in_range" 422
        en "Not seen in this time": "No evidence from {from} to before {until} bore the {what} {name}."
        de "In dieser Zeit nicht gesehen": "Kein Beleg von {from} bis vor {until} trug {what} {name}."
    NeverAwarded "never_awarded" 422
        en "Rule that awards nothing": "The rule {rule} would have awarded nothing."
        de "Regel ohne Wirkung": "Die Regel {rule} hätte nichts vergeben."
    LimitBinds "limit_binds" 422
        en "Limit that most run into": "The limits of {rule} would have cut or dropped awards of {people} of the {of} people who earned under it."
        de "Grenze, an die die meisten stoßen": "Die Grenzen von {rule} hätten bei {people} von {of} Personen, die nach ihr verdienten, gekürzt oder gestrichen."
    GoalNeverReached "goal_never_reached" 422
        en "Goal nobody reaches": "Nobody would have reached the goal of {rule}: {of} tried."
        de "Ziel, das niemand erreicht": "Niemand hätte das Ziel von {rule} erreicht: {of} haben es versucht."
    GoalReachedByAll "goal_reached_by_all" 422
        en "Goal everybody reaches": "All {of} would have reached the goal of {rule}."
        de "Ziel, das alle erreichen": "Alle {of} hätten das Ziel von {rule} erreicht."
    TierNeverReached "tier_never_reached" 422
        en "Tier nobody reaches": "Nobody would have reached the tier {tier} in {season}."
        de "Stufe, die niemand erreicht": "Niemand hätte in {season} die Stufe {tier} erreicht."
    TierReachedByAll "tier_reached_by_all" 422
        en "Tier nearly everybody reaches": "{people} of {of} people would have reached the tier {tier} in {season}."
        de "Stufe, die fast alle erreichen": "{people} von {of} Personen hätten in {season} die Stufe {tier} erreicht."
    RangeTooLong "range_too_long" 422
        en "Range too long": "At most {limit} days are looked at in one back-test."
        de "Zeitraum zu lang": "In einem Rückblick werden höchstens {limit} Tage betrachtet."
    NothingToCertify "nothing_to_certify" 422
        en "Nothing to certify": "You hold no such badge, or reached no tier in such a closed season. Name what your standing shows."
        de "Nichts zu bescheinigen": "Sie haben kein solches Abzeichen und in keiner solchen abgeschlossenen Saison eine Stufe erreicht. Nennen Sie, was Ihr Stand zeigt."
    NoLongerHeld "no_longer_held" 409
        en "No longer held": "The badge was withdrawn, so its certificate is no longer made. Withdraw the certificate."
        de "Nicht mehr im Besitz": "Das Abzeichen wurde zurückgenommen, daher wird die Urkunde dazu nicht mehr ausgestellt. Ziehen Sie sie zurück."
    EitherOne "either_one" 422
        en "Either one": "Give exactly one of: {fields}."
        de "Genau eines": "Geben Sie genau eines an von: {fields}."
    UnfitState "unfit_state" 409
        en "Not in this state": "This is not possible while it is {state}."
        de "Nicht in diesem Zustand": "Das ist im Zustand {state} nicht möglich."
    DryRunNeeded "dry_run_needed" 409
        en "Dry run needed": "Ask first what it would change: the same request with dry_run true."
        de "Probelauf nötig": "Fragen Sie zuerst, was sich ändern würde: dieselbe Anfrage mit dry_run true."
    DryRunOutdated "dry_run_outdated" 409
        en "Dry run out of date": "Since the dry run the draft was changed, another version was put in force or a season was closed. Make another dry run."
        de "Probelauf veraltet": "Seit dem Probelauf wurde der Entwurf geändert, eine andere Version in Kraft gesetzt oder eine Saison abgeschlossen. Machen Sie einen neuen Probelauf."
    NeverInForce "never_in_force" 422
        en "Would never be in force": "Version {version} has the higher number and is in force from {from} on. Choose an earlier date, or draft a new version."
        de "Wäre nie in Kraft": "Version {version} hat die höhere Nummer und gilt ab {from}. Wählen Sie ein früheres Datum oder entwerfen Sie eine neue Version."
    SecondPersonNeeded "second_person_needed" 403
        en "A second person is needed": "You drafted or changed this version. Here somebody else puts it in force."
        de "Eine zweite Person ist nötig": "Sie haben diese Version entworfen oder geändert. In Kraft setzt sie hier jemand anderes."
    AfterLastDay "after_last_day" 422
        en "After the last day": "The programme ends with {last_day}. Choose an earlier date, or move the end first."
        de "Nach dem letzten Tag": "Das Programm endet mit dem {last_day}. Wählen Sie ein früheres Datum oder verschieben Sie zuerst das Ende."
    TooEarly "too_early" 422
        en "Date too early": "The earliest date is {earliest}."
        de "Datum zu früh": "Das früheste Datum ist {earliest}."

    SeasonNotOver "season_not_over" 409
        en "The season is not over": "It can be closed from {earliest} on."
        de "Die Saison läuft noch": "Sie kann ab {earliest} abgeschlossen werden."
    SeasonClosed "season_closed" 422
        en "In a closed season": "The season {season} of {programme} is closed, and this would change what counted in it. Choose {earliest} or a later date."
        de "In einer abgeschlossenen Saison": "Die Saison {season} von {programme} ist abgeschlossen, und dies würde ändern, was in ihr galt. Wählen Sie den {earliest} oder ein späteres Datum."

    // Boards and contests
    InvalidPeriod "invalid_period" 422
        en "No such period here": "Write current, previous, or the code of a period, such as {example}."
        de "Hier kein solcher Zeitraum": "Schreiben Sie current, previous oder den Code eines Zeitraums, etwa {example}."
    GroupTooSmall "group_too_small" 422
        en "Too small a group": "Fewer people take part there than may be ranked among themselves: {smallest} at least. Leave `team` out, or name a larger one."
        de "Zu kleine Gruppe": "Dort nehmen weniger Personen teil, als untereinander gereiht werden dürfen: mindestens {smallest}. Lassen Sie `team` weg oder nennen Sie ein größeres."
    ContestNotOver "contest_not_over" 409
        en "The contest is not over": "It can be finalised from {earliest} on, when everything in it is decided."
        de "Der Wettbewerb läuft noch": "Er kann ab {earliest} abgeschlossen werden, wenn alles darin entschieden ist."
    ContestUnsettled "contest_unsettled" 409
        en "Not settled yet": "The points of {count} who may take part are still being settled. Try again shortly."
        de "Noch nicht verrechnet": "Die Punkte von {count}, die teilnehmen können, werden noch verrechnet. Versuchen Sie es gleich noch einmal."
    ContestInterest "contest_interest" 403
        en "You have a stake in it": "You stand to win a prize of this contest, or were taken out of it. Here somebody else decides."
        de "Sie sind beteiligt": "Sie würden in diesem Wettbewerb einen Preis gewinnen oder wurden von ihm ausgeschlossen. Hier entscheidet jemand anderes."

    // Kudos
    KudosToOneself "kudos_to_oneself" 422
        en "Not to oneself": "Kudos go to others."
        de "Nicht an sich selbst": "Kudos gehen an andere."
    ReceiverTwice "receiver_twice" 422
        en "Receiver named twice": "{reference} is among the receivers already. Name each person once."
        de "Doppelt genannt": "{reference} steht schon unter den Empfängern. Nennen Sie jede Person einmal."
    AllowanceExhausted "allowance_exhausted" 422
        en "Allowance used up": "{needed} points are needed and {left} are left for {month}."
        de "Kontingent aufgebraucht": "{needed} Punkte sind nötig, {left} sind für {month} übrig."
    EmptyTeam "empty_team" 422
        en "Nobody else there": "Nobody but you is at home in {team} just now. Name people, or another team."
        de "Dort ist niemand sonst": "In {team} ist gerade außer Ihnen niemand zu Hause. Nennen Sie Personen oder ein anderes Team."
    KudosUsedUp "kudos_used_up" 422
        en "All kudos sent": "You may send {limit} kudos a month, and have sent them for {month}."
        de "Alle Kudos gesendet": "Sie dürfen {limit} Kudos im Monat senden und haben sie für {month} gesendet."
    AlreadyReported "already_reported" 409
        en "Reported already": "You have reported this already. What became of it is where you sent it."
        de "Schon gemeldet": "Sie haben dies schon gemeldet. Was daraus wurde, steht dort, wohin Sie es gesendet haben."
    GraceOver "grace_over" 409
        en "Too late to withdraw": "This could be withdrawn until {until}."
        de "Zu spät zum Zurückziehen": "Das war bis {until} möglich."

    // Grants, budgets, payroll
    GrantToOneself "grant_to_oneself" 422
        en "Not to oneself": "Points are granted to others."
        de "Nicht an sich selbst": "Punkte werden anderen verliehen."
    GrantLimit "grant_limit_reached" 422
        en "Monthly limit reached": "{needed} points are needed, and you may grant {left} more in {month}, counting what awaits approval."
        de "Monatsgrenze erreicht": "{needed} Punkte sind nötig; Sie können im Monat {month} noch {left} verleihen, wartende Anträge mitgezählt."
    GrantDecided "grant_decided" 409
        en "Decided already": "This grant is {state}; it does not change any more."
        de "Schon entschieden": "Diese Vergabe ist {state}; sie ändert sich nicht mehr."
    NoSeasonNow "no_season_now" 422
        en "No season": "{programme} has no season at this moment. Leave the programme out, or wait until its next season."
        de "Keine Saison": "{programme} hat zu diesem Zeitpunkt keine Saison. Lassen Sie das Programm weg oder warten Sie bis zur nächsten Saison."
    UnknownSeason "unknown_season" 422
        en "No such season": "Write the code of a season of the programme, or of a month, quarter, half-year or year, such as {example}."
        de "Keine solche Saison": "Schreiben Sie den Code einer Saison des Programms oder eines Monats, Quartals, Halbjahrs oder Jahres, etwa {example}."
    BudgetExhausted "budget_exhausted" 422
        en "Budget used up": "The budget of {whose} for {season} does not reach for this. HR may raise it."
        de "Budget aufgebraucht": "Das Budget von {whose} für {season} reicht dafür nicht. Die Personalabteilung kann es erhöhen."
    BudgetCurrency "budget_currency" 422
        en "Another currency": "The budget of {whose} for {season} is in {currency}, and this is worth {given}: the two cannot be counted together."
        de "Andere Währung": "Das Budget von {whose} für {season} lautet auf {currency}, der Wert auf {given}: Beides lässt sich nicht zusammenzählen."
    BudgetBelowTaken "budget_below_taken" 422
        en "Below what is taken": "{taken} of this budget is handed out or reserved. It can be lowered to that."
        de "Unter dem Vergebenen": "{taken} dieses Budgets ist vergeben oder reserviert. Es kann bis dahin gesenkt werden."
    UnknownMonth "unknown_month" 422
        en "No such month": "Write a month such as {example}."
        de "Kein solcher Monat": "Schreiben Sie einen Monat wie {example}."
    MonthNotOver "month_not_over" 409
        en "The month is not over": "The payroll of {month} can be closed from {earliest} on."
        de "Der Monat läuft noch": "Die Abrechnung von {month} kann ab {earliest} abgeschlossen werden."
    PayrollClosed "payroll_closed" 422
        en "Payroll closed": "The payroll of {month} is closed. Name a day of a month that is still open."
        de "Abrechnung abgeschlossen": "Die Abrechnung von {month} ist abgeschlossen. Nennen Sie einen Tag in einem noch offenen Monat."

    // Rewards
    RewardNotOffered "reward_not_offered" 409
        en "Not offered": "The reward {reward} cannot be asked for now. Choose one that is offered."
        de "Nicht im Angebot": "Die Prämie {reward} ist derzeit nicht zu haben. Wählen Sie eine, die angeboten wird."
    RewardOnlyWon "reward_only_won" 409
        en "Only to be won": "The reward {reward} has no cost: it is given for tiers and prizes and cannot be asked for."
        de "Nur zu gewinnen": "Die Prämie {reward} hat keinen Preis: Es gibt sie für Stufen und als Gewinn, nicht auf Anfrage."
    RewardNotYet "reward_not_yet" 409
        en "Not yet": "The reward {reward} can be asked for from {from} on."
        de "Noch nicht": "Die Prämie {reward} ist ab dem {from} zu haben."
    RewardOver "reward_over" 409
        en "No longer": "The reward {reward} could be asked for until the day before {until}."
        de "Nicht mehr": "Die Prämie {reward} war bis zum Tag vor dem {until} zu haben."
    NotEligible "not_eligible" 403
        en "For others": "The reward {reward} is for certain {by}, and you are in none of them."
        de "Für andere": "Die Prämie {reward} ist nur für bestimmte ({by}); Sie gehören nicht dazu."
    OutOfStock "out_of_stock" 409
        en "None left": "There is no {reward} left. Ask HR for more, or choose another reward."
        de "Keine mehr da": "Von {reward} ist nichts mehr da. Bitten Sie die Personalabteilung um Nachschub, oder wählen Sie eine andere Prämie."
    TooFewPoints "too_few_points" 422
        en "Not enough points": "{missing} points are missing for the reward {reward}."
        de "Nicht genug Punkte": "Für die Prämie {reward} fehlen {missing} Punkte."
    StockWithoutEnd "stock_without_end" 422
        en "There is no stock to add to": "The stock of {reward} has no end. Set `stock` first."
        de "Kein Bestand zum Ergänzen": "Der Bestand von {reward} ist unbegrenzt. Setzen Sie zuerst `stock`."
    NotFromThere "not_from_this_state" 409
        en "Not in this state": "The redemption is {state}. Only one that is {from} can become {to}; read it again."
        de "Nicht in diesem Zustand": "Die Einlösung ist {state}. Nur aus {from} kann {to} werden; lesen Sie sie neu."
    FulfilledOtherwise "fulfilled_otherwise" 409
        en "Handed over already": "It was handed over on {on}, otherwise than you say. Nothing was changed."
        de "Schon ausgehändigt": "Sie wurde am {on} ausgehändigt, anders als hier angegeben. Es wurde nichts geändert."
    NoFulfilmentCode "no_code" 409
        en "No code": "There is no code to show: {state}."
        de "Kein Code": "Es gibt keinen Code zu zeigen: {state}."
    CodeShown "code_shown" 409
        en "Shown before": "The code was shown to you at {at} and is not kept. Ask whoever handed the reward over."
        de "Schon gezeigt": "Der Code wurde Ihnen um {at} gezeigt und ist nicht mehr gespeichert. Fragen Sie, wer die Prämie ausgehändigt hat."
    SealedElsewhere "sealed_elsewhere" 503
        en "Key missing": "This instance does not hold the key that the code was sealed with. Nothing was changed: ask another instance, or have applaus.seal restored."
        de "Schlüssel fehlt": "Diese Instanz hat den Schlüssel nicht, mit dem der Code verschlossen wurde. Es wurde nichts geändert: Fragen Sie eine andere Instanz, oder lassen Sie applaus.seal wiederherstellen."
}

impl ProblemCode {
    /// The code as clients see it.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// The HTTP status (RFC 9110 section 15) of a problem of this code.
    pub const fn status(self) -> u16 {
        self.entry().status
    }

    /// What it is called.
    pub const fn title(self, language: Language) -> &'static str {
        let [en, de] = self.entry().title;
        match language {
            Language::En => en,
            Language::De => de,
        }
    }

    /// The sentence, with `{name}` for each value that it needs.
    pub const fn template(self, language: Language) -> &'static str {
        let [en, de] = self.entry().detail;
        match language {
            Language::En => en,
            Language::De => de,
        }
    }
}

/// The values that a sentence needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Args(Vec<(&'static str, String)>);

impl Args {
    /// `template` with each `{name}` replaced. Values are put in once and never read as templates.
    fn fill(&self, template: &str) -> String {
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            if let Some((_, value)) = self.0.iter().find(|(known, _)| *known == name) {
                out.push_str(value);
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// Something wrong at one place of a document or request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: a JSON pointer (RFC 6901) into the body, or the name of a query parameter.
    pub pointer: String,
    /// What.
    pub code: ProblemCode,
    /// With which values.
    pub args: Args,
}

impl Finding {
    /// A finding without values.
    pub fn new(pointer: impl Into<String>, code: ProblemCode) -> Self {
        Self { pointer: pointer.into(), code, args: Args::default() }
    }

    /// The same with the value of `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.0.push((name, value.to_string()));
        self
    }

    /// The sentence.
    pub fn detail(&self, language: Language) -> String {
        self.args.fill(self.code.template(language))
    }
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub code: ProblemCode,
    /// With which values.
    pub args: Args,
    /// Where, if places can be named.
    pub findings: Vec<Finding>,
}

impl Problem {
    /// A problem without values or places.
    pub fn new(code: ProblemCode) -> Self {
        Self { code, args: Args::default(), findings: Vec::new() }
    }

    /// The same with the value of `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.0.push((name, value.to_string()));
        self
    }

    /// An [`ProblemCode::InvalidRequest`] with the places that are wrong.
    pub fn invalid(findings: Vec<Finding>) -> Self {
        Self { code: ProblemCode::InvalidRequest, args: Args::default(), findings }
    }

    /// The sentence.
    pub fn detail(&self, language: Language) -> String {
        self.args.fill(self.code.template(language))
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self::new(code)
    }
}

impl From<Finding> for Problem {
    /// The finding's own code as the problem's, and its place among the places.
    fn from(finding: Finding) -> Self {
        Self { code: finding.code, args: finding.args.clone(), findings: vec![finding] }
    }
}

impl From<Vec<Finding>> for Problem {
    /// One finding is the problem itself; several are places of one problem.
    fn from(findings: Vec<Finding>) -> Self {
        if let [only] = findings.as_slice() { only.clone().into() } else { Self::invalid(findings) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail(Language::En))?;
        for finding in &self.findings {
            write!(f, "; {}: {}", finding.pointer, finding.detail(Language::En))?;
        }
        Ok(())
    }
}

/// One step of a JSON pointer, escaped (RFC 6901 section 3).
pub fn pointer_step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_both_languages_use_the_same_values() {
        let names: BTreeSet<_> = ProblemCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), ProblemCode::ALL.len());
        for code in ProblemCode::ALL {
            let slots = |template: &str| -> BTreeSet<String> {
                template
                    .split('{')
                    .skip(1)
                    .filter_map(|part| part.split_once('}'))
                    .map(|(name, _)| name.to_owned())
                    .collect()
            };
            assert_eq!(slots(code.template(Language::En)), slots(code.template(Language::De)), "{}", code.name());
        }
    }

    #[test]
    fn values_are_not_read_as_templates() {
        let problem = Problem::new(ProblemCode::UnknownPerson).with("reference", "{reference}{x");
        assert_eq!(problem.detail(Language::En), "Nobody in the directory is {reference}{x.");
    }
}
