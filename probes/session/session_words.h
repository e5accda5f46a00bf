/*
 * session_words: the words in which devices ask for a name and a password, and
 * say that an account is blocked, in the languages they are sold with: data for
 * protocols whose answers are meant for people. A word proves nothing alone: no
 * driver takes it for more than a hint at what to send next.
 */
#ifndef ASSAY_PROBES_SESSION_WORDS_H
#define ASSAY_PROBES_SESSION_WORDS_H

#include <stdbool.h>

/* The text is one line or message, UTF-8, of the device's. Case does not matter
 * for ASCII letters. */
bool words_ask_name(const char *text);
bool words_ask_password(const char *text);
bool words_say_locked(const char *text);
/* It takes nobody now, whatever the credentials ("try again later"). */
bool words_say_later(const char *text);
/* It refuses a login ("incorrect"). */
bool words_say_refused(const char *text);
/* A new password has to be set before anything else. */
bool words_say_must_change(const char *text);
/* It asks for a setting of the device: whoever answers configures it. */
bool words_ask_setting(const char *text);
/* It wants an encrypted connection first. */
bool words_demand_encryption(const char *text);

#endif
