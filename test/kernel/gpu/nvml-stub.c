/* Stands in for NVIDIA's management library where there is no GPU: as many GPUs as STUB_GPUS says, with minor numbers that differ from the indices. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef BROKEN
#define BROKEN 0
#endif

typedef struct {
  char legacyBusId[16];
  unsigned domain, bus, device, deviceId, subsystemId;
  char busId[32];
} PciInfo;

static int begun;

static unsigned gpus(void) {
  const char *text = getenv("STUB_GPUS");
  return text ? atoi(text) : 2;
}

int nvmlInit_v2(void) {
  if (BROKEN || getenv("STUB_BROKEN")) return 9;
  begun = 1;
  return 0;
}
int nvmlShutdown(void) {
  begun = 0;
  return 0;
}
const char *nvmlErrorString(int code) { return code == 9 ? "Driver Not Loaded" : "Unknown Error"; }
int nvmlDeviceGetCount_v2(unsigned *count) {
  if (!begun) return 1;
  *count = gpus();
  return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
  if (!begun || index >= gpus()) return 2;
  *device = (void *)(unsigned long)(index + 1);
  return 0;
}
static unsigned indexOf(void *device) { return (unsigned long)device - 1; }
int nvmlDeviceGetUUID(void *device, char *text, unsigned size) {
  snprintf(text, size, "GPU-00000000-0000-4000-8000-%012u", indexOf(device));
  return 0;
}
int nvmlDeviceGetName(void *device, char *text, unsigned size) {
  (void)device;
  snprintf(text, size, "Stub 9000");
  return 0;
}
int nvmlDeviceGetMinorNumber(void *device, unsigned *minor) {
  *minor = gpus() - 1 - indexOf(device);
  return 0;
}
int nvmlDeviceGetPciInfo_v3(void *device, PciInfo *info) {
  memset(info, 0, sizeof *info);
  snprintf(info->busId, sizeof info->busId, "00000000:%02X:00.0", 0x3b + indexOf(device));
  return 0;
}
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
  snprintf(text, size, "999.1");
  return 0;
}
