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
	"\u7528\u6237",
	"\u7528\u6236",
	"\u8d26\u53f7",
	"\u30e6\u30fc\u30b6",
	"\uc0ac\uc6a9\uc790",
	NULL};
static const char *const password_words[] = {"password",
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
					     "parola",
					     "palavra-passe",
					     "$senha",
					     "wachtwoord",
					     "$heslo",
					     "has\u0142o",
					     "$haslo",
					     "l\u00f6senord",
					     "adgangskode",
					     "passord",
					     "salasana",
					     "\u015fifre",
					     "\u041f\u0430\u0440\u043e\u043b\u044c",
					     "\u043f\u0430\u0440\u043e\u043b\u044c",
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
