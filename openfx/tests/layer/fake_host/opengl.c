/* OpenGL's immediate mode, written down instead of drawn. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char written[4096];

const char *fake_gl_log(void) { return written; }

static void note(const char *format, ...)
{
    size_t length = strlen(written);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(written + length, sizeof written - length, format, arguments);
    va_end(arguments);
}

void glPushAttrib(unsigned mask) { note("push %x;", mask); }
void glPopAttrib(void) { note("pop;"); }
void glEnable(unsigned capability) { note("enable %x;", capability); }
void glDisable(unsigned capability) { note("disable %x;", capability); }
void glBlendFunc(unsigned source, unsigned target) { note("blend %x %x;", source, target); }
void glColor4f(float r, float g, float b, float a) { note("colour %g %g %g %g;", r, g, b, a); }
void glLineWidth(float width) { note("width %g;", width); }
void glLineStipple(int factor, unsigned short pattern) { note("stipple %d %x;", factor, pattern); }
void glBegin(unsigned primitive) { note("begin %u;", primitive); }
void glVertex2d(double x, double y) { note("vertex %g %g;", x, y); }
void glEnd(void) { note("end;"); }
