/* sanitized: whether this build has AddressSanitizer: 1 or 0. What it needs beside
 * the program itself (memory, files, calls) is granted in such builds alone. */
#ifndef ASSAY_BASE_SANITIZED_H
#define ASSAY_BASE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
