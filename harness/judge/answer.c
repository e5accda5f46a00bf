/*
 * answer: what a person vouched for, judged: an answer counts only if somebody
 * else reviewed it, it has not expired, and its evidence is what it was.
 */
#include "harness/base/digest.h"
#include "harness/judge/judge_parts.h"
#include "harness/model/run_files.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/banned.h"

static bool filled(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool is_day(const char *text)
{
	static const char shape[] = "dddd-dd-dd";
	size_t i;

	for (i = 0; text != NULL && shape[i] != '\0'; i++) {
		if (shape[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i]) {
			return false;
		}
	}
	return text != NULL;
}

static const char *expiry(struct arena *arena, const struct answer *answer, const char *today)
{
	if (!filled(answer->valid_until)) {
		return NULL;
	}
	if (!is_day(answer->valid_until) || !is_day(today)) {
		return arena_printf(arena, "'%s' is not a day to compare with",
				    answer->valid_until);
	}
	if (strncmp(answer->valid_until, today, strlen("2026-01-31")) < 0) {
		return arena_printf(arena, "the answer was valid until %.10s", answer->valid_until);
	}
	return NULL;
}

/* The copy that the run kept, named by the digest; where there is none, the
 * file itself. Returns 0 and the digest of its bytes, or -1. */
static int evidence_digest(struct judging *judging, const struct answer *answer, struct digest *ret)
{
	struct arena *arena = judging->arena;
	char *name = arena_strdup(arena, answer->evidence_sha256);
	size_t i;

	for (i = 0; isxdigit((unsigned char)name[i]); i++) {
		name[i] = (char)tolower((unsigned char)name[i]);
	}
	if (name[i] == '\0' && digest_file(arena_printf(arena, "%s/" RUN_ANSWERS_EVIDENCE "/%s",
							judging->input->directory, name),
					   ret, NULL) == 0) {
		return 0;
	}
	return digest_file(answer->evidence, ret, NULL);
}

/* Returns NULL if the evidence is what it was when the answer was given. A
 * 'met' without evidence is a claim, not evidence. */
static const char *evidence_change(struct judging *judging, const struct answer *answer)
{
	struct arena *arena = judging->arena;
	struct digest digest;

	if (!filled(answer->evidence)) {
		return answer->met ? "the answer names no evidence file" : NULL;
	}
	if (!filled(answer->evidence_sha256)) {
		return arena_printf(arena,
				    "the answer holds no SHA-256 of its "
				    "evidence '%s'",
				    answer->evidence);
	}
	if (judging->input->directory == NULL) {
		return NULL;
	}
	if (evidence_digest(judging, answer, &digest) != 0) {
		return arena_printf(arena, "the answer's evidence '%s' cannot be read",
				    answer->evidence);
	}
	if (strcasecmp(digest.hex, answer->evidence_sha256) != 0) {
		return arena_printf(arena,
				    "the answer's evidence '%s' has changed "
				    "since it was given",
				    answer->evidence);
	}
	return NULL;
}

/* Returns WHY_NONE if the answer counts, else why not. */
static enum why answer_flaw(struct judging *judging, const struct answer *answer,
			    const char **ret_reason)
{
	struct arena *arena = judging->arena;

	*ret_reason = NULL;
	if (answer == NULL) {
		return WHY_NOT_ANSWERED;
	}
	if (!filled(answer->who) || !filled(answer->when)) {
		*ret_reason = "the answer does not say who gave it and when";
		return WHY_NOT_ANSWERED;
	}
	if (!filled(answer->reviewed_by)) {
		*ret_reason = arena_printf(arena, "answered by %s on %s, but reviewed by nobody",
					   answer->who, answer->when);
		return WHY_ANSWER_UNREVIEWED;
	}
	if (strcmp(answer->reviewed_by, answer->who) == 0) {
		*ret_reason = arena_printf(arena, "answered and reviewed by the same person, %s",
					   answer->who);
		return WHY_ANSWER_UNREVIEWED;
	}
	*ret_reason = expiry(arena, answer, judging->input->today);
	if (*ret_reason != NULL) {
		return WHY_ANSWER_EXPIRED;
	}
	*ret_reason = evidence_change(judging, answer);
	return *ret_reason == NULL ? WHY_NONE : WHY_EVIDENCE_CHANGED;
}

void answer_judge(struct judging *judging, const struct planned_check *planned,
		  struct check_result *ret)
{
	struct arena *arena = judging->arena;
	const struct answer *answer = planned->answer;
	const char *reason, *role;
	enum why why = answer_flaw(judging, answer, &reason);

	if (why != WHY_NONE) {
		check_settle(ret, VERDICT_NOT_TESTED, why, reason);
		return;
	}
	role = filled(answer->role) ? arena_printf(arena, " (%s)", answer->role) : "";
	reason = arena_printf(arena, "%s by %s%s on %s, reviewed by %s%s%s",
			      answer->met ? "answered" : "answered as not met", answer->who, role,
			      answer->when, answer->reviewed_by,
			      filled(answer->statement) ? ": " : "",
			      filled(answer->statement) ? answer->statement : "");
	check_settle(ret, answer->met ? VERDICT_PASS : VERDICT_FAIL, WHY_NONE, reason);
}
