/* unseen: what a load check that held could have missed. Private to the judge. */
#ifndef ASSAY_JUDGE_UNSEEN_H
#define ASSAY_JUDGE_UNSEEN_H

#include "harness/judge/judge_parts.h"

/* Why the tester, not the device, is in doubt: a sentence, owned by the arena, or
 * NULL: it looked often enough, or this is no load check. */
char *unseen_doubt(struct judging *judging, const struct observation *observation,
		   const struct check_result *check);

#endif
