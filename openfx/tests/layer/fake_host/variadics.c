/* The host functions that take a variable number of arguments, which stable Rust can call but not define. They unpack
 * their arguments and hand them to Rust. */
#include <stdarg.h>
#include <stdio.h>

struct callbacks {
    /* 0: int, 1: double, 2: two doubles, 3: string */
    int (*form)(void *parameter);
    int (*read)(void *parameter, double time, void *first, void *second);
    /* `time` is not a number for a value without a keyframe */
    int (*write_int)(void *parameter, double time, int value);
    int (*write_double)(void *parameter, double time, double first, double second);
    int (*write_text)(void *parameter, double time, const char *value);
    int (*message)(void *effect, const char *type, const char *text, int persistent);
};

static struct callbacks rust;

void fake_install(const struct callbacks *callbacks) { rust = *callbacks; }

static int read_values(void *parameter, double time, va_list arguments)
{
    void *first = va_arg(arguments, void *);
    void *second = rust.form(parameter) == 2 ? va_arg(arguments, void *) : NULL;
    return rust.read(parameter, time, first, second);
}

static int write_values(void *parameter, double time, va_list arguments)
{
    switch (rust.form(parameter)) {
    case 0:
        return rust.write_int(parameter, time, va_arg(arguments, int));
    case 1:
        return rust.write_double(parameter, time, va_arg(arguments, double), 0.0);
    case 2: {
        double first = va_arg(arguments, double);
        return rust.write_double(parameter, time, first, va_arg(arguments, double));
    }
    default:
        return rust.write_text(parameter, time, va_arg(arguments, const char *));
    }
}

int fake_get_value_at_time(void *parameter, double time, ...)
{
    va_list arguments;
    va_start(arguments, time);
    int status = read_values(parameter, time, arguments);
    va_end(arguments);
    return status;
}

int fake_set_value(void *parameter, ...)
{
    va_list arguments;
    va_start(arguments, parameter);
    int status = write_values(parameter, 0.0 / 0.0, arguments);
    va_end(arguments);
    return status;
}

int fake_set_value_at_time(void *parameter, double time, ...)
{
    va_list arguments;
    va_start(arguments, time);
    int status = write_values(parameter, time, arguments);
    va_end(arguments);
    return status;
}

static int say(void *effect, const char *type, const char *format, va_list arguments, int persistent)
{
    char text[1024];
    vsnprintf(text, sizeof text, format, arguments);
    return rust.message(effect, type, text, persistent);
}

int fake_message(void *effect, const char *type, const char *id, const char *format, ...)
{
    (void)id;
    va_list arguments;
    va_start(arguments, format);
    int status = say(effect, type, format, arguments, 0);
    va_end(arguments);
    return status;
}

int fake_set_persistent_message(void *effect, const char *type, const char *id, const char *format, ...)
{
    (void)id;
    va_list arguments;
    va_start(arguments, format);
    int status = say(effect, type, format, arguments, 1);
    va_end(arguments);
    return status;
}
