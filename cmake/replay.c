/* replay: runs a fuzz target over every file of a corpus folder, for builds
 * without libFuzzer. An empty or missing corpus is a failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int replay_file(const char *path)
{
	uint8_t *bytes;
	size_t size;
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		return -1;
	}
	bytes = malloc(1 << 20);
	if (bytes == NULL) {
		abort();
	}
	size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	char path[4096];
	int count = 0;
	struct dirent *entry;
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

	if (folder == NULL) {
		fprintf(stderr, "cannot open the corpus folder\n");
		return 1;
	}
	for (entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (replay_file(path) != 0) {
			fprintf(stderr, "cannot read '%s'\n", path);
			closedir(folder);
			return 1;
		}
		count++;
	}
	closedir(folder);
	printf("%d corpus files replayed\n", count);
	return count > 0 ? 0 : 1;
}
