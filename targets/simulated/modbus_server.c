/* modbus_server: Modbus/TCP (Modbus Messaging on TCP/IP, V1.0b) over the
 * control program's registers, through libmodbus. */
#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "targets/simulated/device.h"
#include <modbus/modbus.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/banned.h"

static uint16_t modbus_port(const struct traits *traits)
{
	return traits->value[TRAIT_MODBUS] ? 502 : 0;
}

static void *modbus_start(const struct device *device, struct text *why)
{
	return control_new(device, why);
}

/* What a request would change: holding registers first to first + count. */
struct change {
	bool any;
	int function;
	int first, count;
};

/*
 *  0         2          4        6      7          8         10
 *  +---------+----------+--------+------+----------+---------+-------------+
 *  | transact| protocol | length | unit | function | address | count/value |
 *  +---------+----------+--------+------+----------+---------+-------------+
 */
static struct change change_of(const uint8_t *query, int size)
{
	struct reader r = reader_of(query, (size_t)size);
	uint8_t function;
	struct change change = {0};

	reader_skip(&r, 7);
	function = reader_u8(&r);
	change.function = function;
	change.first = reader_be16(&r);
	change.count = reader_be16(&r);
	switch (function) {
	case MODBUS_FC_WRITE_SINGLE_REGISTER:
	case MODBUS_FC_MASK_WRITE_REGISTER:
		change.count = 1;
		change.any = true;
		break;
	case MODBUS_FC_WRITE_MULTIPLE_REGISTERS:
		change.any = true;
		break;
	case MODBUS_FC_WRITE_AND_READ_REGISTERS:
		change.first = reader_be16(&r);
		change.count = reader_be16(&r);
		change.any = true;
		break;
	case MODBUS_FC_WRITE_SINGLE_COIL:
	case MODBUS_FC_WRITE_MULTIPLE_COILS:
		change.count = 0; /* there are no coils to keep */
		change.any = true;
		break;
	default:
		break;
	}
	return change;
}

static bool change_allowed(const struct device *device, const struct change *change)
{
	static const int by[] = {[BY_22] = MODBUS_FC_MASK_WRITE_REGISTER,
				 [BY_23] = MODBUS_FC_WRITE_AND_READ_REGISTERS};
	int64_t only = device_trait(device, TRAIT_MODBUS_BY);

	if (change->any && only != BY_ANY && change->function != by[only])
		return false;
	switch (device_trait(device, TRAIT_MODBUS_WRITE)) {
	case WRITE_NONE:
		return !change->any;
	case WRITE_SCRATCH:
		return !change->any || (change->first == REGISTER_SCRATCH && change->count == 1);
	default:
		return true;
	}
}

/* A write of one register by function 6 that is taken later than it was refused. */
struct late {
	struct control *control;
	int64_t due;
	int first;
	uint16_t value;
};

static void *late_run(void *argument)
{
	struct late *late = argument;
	uint16_t registers[REGISTER_COUNT];

	clock_sleep_until(late->due);
	control_read(late->control, registers);
	registers[late->first] = late->value;
	control_write(late->control, registers, late->first, 1);
	free(late);
	return NULL;
}

static void late_start(const struct device *device, struct control *control, const uint8_t *query,
		       const struct change *change)
{
	struct late *late = NULL;
	pthread_t thread;

	if (change->function != MODBUS_FC_WRITE_SINGLE_REGISTER || change->first >= REGISTER_COUNT)
		return;
	late = malloc(sizeof(*late));
	if (!late)
		return;
	*late = (struct late){
		control,
		clock_ns() + device_trait(device, TRAIT_MODBUS_LATE) * NS_PER_MS,
		change->first,
		(uint16_t)(query[10] << 8 | query[11]),
	};
	if (pthread_create(&thread, NULL, late_run, late) == 0)
		pthread_detach(thread);
	else
		free(late);
}

/* The reply is made from a copy: a peer that does not read its answers must
 * not hold the control program's lock. */
static int request_serve(const struct device *device, struct control *control, modbus_t *modbus,
			 modbus_mapping_t *image)
{
	uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
	struct change change;
	int size = modbus_receive(modbus, query);

	if (size <= 0)
		return size;
	change = change_of(query, size);
	if (change.any && device_trait(device, TRAIT_MODBUS_LATE) > 0) {
		if (change_allowed(device, &change))
			late_start(device, control, query, &change);
		return modbus_reply_exception(modbus, query, MODBUS_EXCEPTION_ILLEGAL_FUNCTION);
	}
	if (!change_allowed(device, &change))
		return modbus_reply_exception(modbus, query, MODBUS_EXCEPTION_ILLEGAL_FUNCTION);
	if (device_trait(device, TRAIT_COUNT_READS))
		control_count(control);
	control_read(control, image->tab_registers);
	if (modbus_reply(modbus, query, size, image) < 0)
		return -1;
	/* libmodbus refused what does not fit, and left the copy alone. */
	if (change.any)
		control_write(control, image->tab_registers, change.first, change.count);
	return 1;
}

static void modbus_serve(const struct device *device, void *context, int fd)
{
	modbus_t *modbus = modbus_new_tcp(device->address, 502);
	modbus_mapping_t *image = modbus_mapping_new(0, 0, REGISTER_COUNT, 0);

	control_come_first();
	if (modbus && image) {
		modbus_set_socket(modbus, fd);
		while (request_serve(device, context, modbus, image) >= 0)
			;
	}
	modbus_mapping_free(image);
	modbus_free(modbus);
}

const struct server server_modbus = {"modbus", SERVICE_MODBUS, modbus_port, modbus_start,
				     modbus_serve};
