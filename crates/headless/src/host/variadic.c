/* The variadic functions of the OFX suites. Stable Rust cannot define a C variadic function, so these unpack the arguments, whose number
   and type follow from the parameter, and call typed Rust functions. */

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { STAT_OK = 0, STAT_FAILED = 1, STAT_MEMORY = 8 };

/* What a parameter's values are, as suites/value.rs numbers them. A negative shape is the negative of a status. */
enum { SHAPE_INT = 1, SHAPE_DOUBLE = 2, SHAPE_TEXT = 3 };

/* What is asked for, as suites/value.rs numbers it. */
enum { ASK_VALUE = 0, ASK_VALUE_AT_TIME = 1, ASK_DERIVATIVE = 2, ASK_INTEGRAL = 3 };

enum { MAX_VALUES = 4 };

int sam3roto_host_param_shape(void *param, int *count);
int sam3roto_host_param_get(void *param, int ask, double from, double until, void *const *out, int count);
int sam3roto_host_param_set(void *param, int at_time, double time, const int *ints, const double *doubles, const char *text,
                            int count);
int sam3roto_host_message(void *effect, const char *type, const char *id, const char *text, int persistent);

static int get(void *param, int ask, double from, double until, va_list args) {
  void *out[MAX_VALUES] = {NULL, NULL, NULL, NULL};
  int count = 0;
  int shape = sam3roto_host_param_shape(param, &count);
  if (shape <= 0) return -shape;
  for (int i = 0; i < count && i < MAX_VALUES; i++) out[i] = va_arg(args, void *);
  return sam3roto_host_param_get(param, ask, from, until, out, count);
}

int sam3roto_host_get_value(void *param, ...) {
  va_list args;
  va_start(args, param);
  int status = get(param, ASK_VALUE, 0, 0, args);
  va_end(args);
  return status;
}

int sam3roto_host_get_value_at_time(void *param, double time, ...) {
  va_list args;
  va_start(args, time);
  int status = get(param, ASK_VALUE_AT_TIME, time, time, args);
  va_end(args);
  return status;
}

int sam3roto_host_get_derivative(void *param, double time, ...) {
  va_list args;
  va_start(args, time);
  int status = get(param, ASK_DERIVATIVE, time, time, args);
  va_end(args);
  return status;
}

int sam3roto_host_get_integral(void *param, double from, double until, ...) {
  va_list args;
  va_start(args, until);
  int status = get(param, ASK_INTEGRAL, from, until, args);
  va_end(args);
  return status;
}

static int set(void *param, int at_time, double time, va_list args) {
  int ints[MAX_VALUES] = {0, 0, 0, 0};
  double doubles[MAX_VALUES] = {0, 0, 0, 0};
  const char *text = NULL;
  int count = 0;
  int shape = sam3roto_host_param_shape(param, &count);
  if (shape <= 0) return -shape;
  for (int i = 0; i < count && i < MAX_VALUES; i++) {
    if (shape == SHAPE_INT) ints[i] = va_arg(args, int);
    if (shape == SHAPE_DOUBLE) doubles[i] = va_arg(args, double);
    if (shape == SHAPE_TEXT) text = va_arg(args, const char *);
  }
  return sam3roto_host_param_set(param, at_time, time, ints, doubles, text, count);
}

int sam3roto_host_set_value(void *param, ...) {
  va_list args;
  va_start(args, param);
  int status = set(param, 0, 0, args);
  va_end(args);
  return status;
}

int sam3roto_host_set_value_at_time(void *param, double time, ...) {
  va_list args;
  va_start(args, time);
  int status = set(param, 1, time, args);
  va_end(args);
  return status;
}

static int message(void *effect, const char *type, const char *id, int persistent, const char *format, va_list args) {
  if (!format) return sam3roto_host_message(effect, type, id, NULL, persistent);
  va_list again;
  va_copy(again, args);
  int length = vsnprintf(NULL, 0, format, args);
  char *text = length < 0 ? NULL : malloc((size_t)length + 1);
  int status = length < 0 ? STAT_FAILED : STAT_MEMORY;
  if (text) {
    vsnprintf(text, (size_t)length + 1, format, again);
    status = sam3roto_host_message(effect, type, id, text, persistent);
    free(text);
  }
  va_end(again);
  return status;
}

int sam3roto_host_post(void *effect, const char *type, const char *id, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int status = message(effect, type, id, 0, format, args);
  va_end(args);
  return status;
}

int sam3roto_host_post_persistent(void *effect, const char *type, const char *id, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int status = message(effect, type, id, 1, format, args);
  va_end(args);
  return status;
}
