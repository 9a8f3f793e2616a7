/** The language of `--where`, for help texts. */
export const CRITERIA_HELP = `
A query:
  subject:invoice              the word, upper and lower case alike; also from: to: cc:
  subject:"your invoice"       the words; * and ? in quotation marks mean themselves
  from:*@example.org           * stands for any characters but white space, ? for one
  subject:/inv(oice)?\\s+\\d+/   a regular expression (RE2)
  octets:<5M  octets:1k..20k   < <= > >= = and ranges; k, M, G stand for 1024, 1024 k, 1024 M
  date:>=2026-01-15  date:2026 year, month, day or time (UTC unless it says otherwise)
  list-id:dev  header.sender:x any other header field: as it is if there is a hyphen in it, else with header.
  cc:*                         the field is there, whatever is in it
  subject:(invoice OR receipt) one field, several values
  A AND B, A B, A OR B, NOT A, -A, ( )      NOT binds closest, then AND, then OR
`;
