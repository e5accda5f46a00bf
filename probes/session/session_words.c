/* session_words: lists of words, and one search. */
#include "probes/session/session_words.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "harness/banned.h"

/* Beginning of a word; with '$' in front a whole word. Cyrillic stands in both
 * cases. */
static const char *const name_words[] = {
	"login",
	"logon",
	"username",
	"user name",
	"$user",
	"userid",
	"user id",
	"user-id",
	"$account",
	"benutzer",
	"anmeld",
	"kennung",
	"usuario",
	"utilisateur",
	"identifiant",
	"utente",
	"gebruiker",
	"usu\u00e1rio",
	"u\u017cytkownik",
	"uzytkownik",
	"u\u017eivatel",
	"uzivatel",
	"anv\u00e4ndar",
	"bruger",
	"bruker",
	"k\u00e4ytt\u00e4j\u00e4",
	"kullan\u0131c\u0131",
	"\u041b\u043e\u0433\u0438\u043d",
	"\u043b\u043e\u0433\u0438\u043d",
	"\u041f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442\u0435\u043b\u044c",
	"\u043f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442\u0435\u043b",
	"utilizador",
	"utilizator",
	"felhaszn",
	"bejelentkez",
	"korisni",
	"uporabni",
	"vartotoj",
	"naudotoj",
	"lietot",
	"kasutaja",
	"notand",
	"prihlas",
	"meno pou",
	"pengguna",
	"ng\u01b0\u1eddi d\u00f9ng",
	"t\u00ean \u0111\u0103ng nh\u1eadp",
	"\u03c7\u03c1\u03ae\u03c3\u03c4",
	"\u03a7\u03c1\u03ae\u03c3\u03c4",
	"\u03cc\u03bd\u03bf\u03bc\u03b1",
	"\u038c\u03bd\u03bf\u03bc\u03b1",
	"\u043f\u043e\u0442\u0440\u0435\u0431\u0438\u0442\u0435\u043b",
	"\u041f\u043e\u0442\u0440\u0435\u0431\u0438\u0442\u0435\u043b",
	"\u043a\u043e\u0440\u0438\u0441\u043d\u0438",
	"\u041a\u043e\u0440\u0438\u0441\u043d\u0438",
	"\u043a\u043e\u0440\u0438\u0441\u0442\u0443\u0432\u0430\u0447",
	"\u041a\u043e\u0440\u0438\u0441\u0442\u0443\u0432\u0430\u0447",
	"\u043b\u043e\u0433\u0456\u043d",
	"\u041b\u043e\u0433\u0456\u043d",
	"\u05de\u05e9\u05ea\u05de\u05e9",
	"\u0645\u0633\u062a\u062e\u062f\u0645",
	"\u06a9\u0627\u0631\u0628\u0631",
	"\u0e1c\u0e39\u0e49\u0e43\u0e0a\u0e49",
	"\u0e0a\u0e37\u0e48\u0e2d",
	"\u767b\u5f55",
	"\u767b\u5165",
	"\u30ed\u30b0\u30a4\u30f3",
	"\ub85c\uadf8\uc778",
	"\u7528\u6237",
	"\u7528\u6236",
	"\u8d26\u53f7",
	"\u30e6\u30fc\u30b6",
	"\uc0ac\uc6a9\uc790",
	NULL};
static const char *const password_words[] = {
	"password",
	"passwd",
	"passwort",
	"passphrase",
	"passcode",
	"pass code",
	"pass word",
	"$pass",
	"$pin",
	"kennwort",
	"contrase\u00f1a",
	"contrasena",
	"contrase",
	"$clave",
	"mot de passe",
	"palavra-passe",
	"$senha",
	"wachtwoord",
	"$heslo",
	"has\u0142o",
	"$haslo",
	"l\u00f6senord",
	"adgangskode",
	"passord",
	"\u015fifre",
	"jelsz",
	"parol",
	"lozink",
	"zaporka",
	"$geslo",
	"slapta",
	"salas",
	"lykilor",
	"kata sandi",
	"kata laluan",
	"m\u1eadt kh\u1ea9u",
	"\u03ba\u03c9\u03b4\u03b9\u03ba",
	"\u039a\u03c9\u03b4\u03b9\u03ba",
	"\u03c3\u03c5\u03bd\u03b8\u03b7\u03bc\u03b1\u03c4\u03b9\u03ba",
	"\u043f\u0430\u0440\u043e\u043b",
	"\u041f\u0430\u0440\u043e\u043b",
	"\u043b\u043e\u0437\u0438\u043d\u043a",
	"\u041b\u043e\u0437\u0438\u043d\u043a",
	"\u05e1\u05d9\u05e1\u05de",
	"\u0643\u0644\u0645\u0629",
	"\u0631\u0645\u0632",
	"\u0e23\u0e2b\u0e31\u0e2a\u0e1c\u0e48\u0e32\u0e19",
	"\uc554\ud638",
	"\u5bc6\u7801",
	"\u5bc6\u78bc",
	"\u53e3\u4ee4",
	"\u30d1\u30b9\u30ef\u30fc\u30c9",
	"\ube44\ubc00\ubc88\ud638",
	NULL};
static const char *const locked_words[] = {
	"$locked",
	"account lock",
	"lockout",
	"locked out",
	"account block",
	"account is block",
	"account has been block",
	"account disabled",
	"account is disabled",
	"too many fail",
	"too many bad",
	"too many login",
	"too many attempt",
	"too many incorrect",
	"too many invalid",
	"gesperrt",
	"verrouill",
	"bloquead",
	"cuenta bloq",
	"compte bloq",
	"\u0437\u0430\u0431\u043b\u043e\u043a\u0438\u0440\u043e\u0432\u0430\u043d",
	NULL};
static const char *const later_words[] = {
	"try again later",     "try later",        "too many user",
	"too many connection", "too many session", "maximum number of",
	"session limit",       "no free session",  "another operator is",
	"another user is",     "already in use",   "in use by another",
	"server is busy",      "sp\u00e4ter",      NULL};
static const char *const refused_words[] = {"incorrect",
					    "invalid",
					    "denied",
					    "failed",
					    "failure",
					    "not valid",
					    "bad password",
					    "bad login",
					    "wrong",
					    "refused",
					    "rejected",
					    "unknown user",
					    "no such user",
					    "falsch",
					    "ung\u00fcltig",
					    "fehlgeschlagen",
					    "verweigert",
					    "inv\u00e1lid",
					    "denegad",
					    "errone",
					    "\u00e9chec",
					    "refus\u00e9",
					    "errat",
					    "negato",
					    "onjuist",
					    "geweigerd",
					    "b\u0142\u0119dn",
					    "nieprawid",
					    "neplatn",
					    "felaktig",
					    "forkert",
					    "\u043d\u0435\u0432\u0435\u0440",
					    "\u041d\u0435\u0432\u0435\u0440",
					    "\u043e\u0448\u0438\u0431",
					    "\u041e\u0448\u0438\u0431",
					    "\u9519\u8bef",
					    "\u5931\u8d25",
					    NULL};
static const char *const change_words[] = {"new password",
					   "change your password",
					   "change the password",
					   "password has expired",
					   "password expired",
					   "must be changed",
					   "neues kennwort",
					   "neues passwort",
					   "nouveau mot de passe",
					   "nueva contrase",
					   NULL};

static const char *const setting_words[] = {
	"host name",    "hostname", "ip address", "subnet mask", "configuration dialog",
	"setup wizard", NULL};
static const char *const encryption_words[] = {"tls",        "ssl",       "encrypt",
					       "secure",     "cleartext", "clear text",
					       "clear-text", "plain ftp", NULL};

static bool is_word_byte(char byte)
{
	return isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

/* True if the word begins at this place of the text. */
static bool stands(const char *text, const char *at, const char *word)
{
	bool whole = word[0] == '$';
	size_t size;

	word += whole;
	size = strlen(word);
	if (strncasecmp(at, word, size) != 0 || (whole && is_word_byte(at[size]))) {
		return false;
	}
	/* scripts without spaces between words begin anywhere */
	return at == text || (unsigned char)word[0] >= 0x80 || !is_word_byte(at[-1]);
}

static bool has(const char *text, const char *const *words)
{
	const char *at;
	size_t i;

	for (at = text; *at != '\0'; at++) {
		for (i = 0; words[i] != NULL; i++) {
			if (stands(text, at, words[i])) {
				return true;
			}
		}
	}
	return false;
}

bool words_ask_name(const char *text)
{
	text += strspn(text, " \t");
	return strncasecmp(text, "name", 4) == 0 || has(text, name_words);
}

bool words_ask_password(const char *text)
{
	return has(text, password_words);
}

bool words_say_locked(const char *text)
{
	return has(text, locked_words);
}

bool words_say_later(const char *text)
{
	return has(text, later_words);
}

bool words_say_refused(const char *text)
{
	return has(text, refused_words);
}

bool words_say_must_change(const char *text)
{
	return has(text, change_words);
}

bool words_demand_encryption(const char *text)
{
	return has(text, encryption_words);
}

bool words_ask_setting(const char *text)
{
	return has(text, setting_words);
}
