/* clients: services that take few clients, shared by checks and monitors. */
#ifndef ASSAY_RUN_CLIENTS_H
#define ASSAY_RUN_CLIENTS_H

struct runner;

/*
 * A monitor keeps off a service while checks need its place. It comes back when
 * they are done, and not while a look is at the device, which would meet it there.
 * No load check is among them: it holds the device, not a service. To be called
 * whenever what runs has changed.
 */
void clients_share(struct runner *runner);

#endif
