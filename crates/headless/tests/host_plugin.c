/* Effects for the tests of the headless host.
   "test.citizen" keeps the rules and shows what the suites answer; "test.sinner" breaks the rule that its parameter "sin" names;
   "test.writer" writes a parameter while it is created. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ofxDrawSuite.h"
#include "ofxImageEffect.h"
#include "ofxInteract.h"
#include "ofxKeySyms.h"
#include "ofxMemory.h"
#include "ofxMessage.h"
#include "ofxMultiThread.h"
#include "ofxPixels.h"
#include "ofxProgress.h"
#include "ofxTimeLine.h"

#define EXPORT __attribute__((visibility("default")))

static OfxHost *host;
static OfxPropertySuiteV1 *props;
static OfxImageEffectSuiteV1 *effects;
static OfxParameterSuiteV1 *params;
static OfxMemorySuiteV1 *memory;
static OfxMultiThreadSuiteV1 *threads;
static OfxMessageSuiteV2 *messages;
static OfxProgressSuiteV1 *progress;
static OfxTimeLineSuiteV1 *timeline;
static OfxInteractSuiteV1 *interacts;
static OfxDrawSuiteV1 *drawing;

static void set_host(OfxHost *given) { host = given; }

static const void *suite(const char *name, int version) { return host->fetchSuite(host->host, name, version); }

static OfxStatus load(void) {
  props = (void *)suite(kOfxPropertySuite, 1);
  effects = (void *)suite(kOfxImageEffectSuite, 1);
  params = (void *)suite(kOfxParameterSuite, 1);
  memory = (void *)suite(kOfxMemorySuite, 1);
  threads = (void *)suite(kOfxMultiThreadSuite, 1);
  messages = (void *)suite(kOfxMessageSuite, 2);
  progress = (void *)suite(kOfxProgressSuite, 1);
  timeline = (void *)suite(kOfxTimeLineSuite, 1);
  interacts = (void *)suite(kOfxInteractSuite, 1);
  drawing = (void *)suite(kOfxDrawSuite, 1);
  return props && effects && params && memory && threads ? kOfxStatOK : kOfxStatErrMissingHostFeature;
}

static OfxPropertySetHandle properties_of(OfxImageEffectHandle effect) {
  OfxPropertySetHandle set = NULL;
  effects->getPropertySet(effect, &set);
  return set;
}

static OfxParamHandle param(OfxImageEffectHandle effect, const char *name) {
  OfxParamSetHandle set = NULL;
  OfxParamHandle found = NULL;
  effects->getParamSet(effect, &set);
  params->paramGetHandle(set, name, &found, NULL);
  return found;
}

static OfxImageClipHandle clip(OfxImageEffectHandle effect, const char *name) {
  OfxImageClipHandle found = NULL;
  effects->clipGetHandle(effect, name, &found, NULL);
  return found;
}

static OfxPropertySetHandle define(OfxParamSetHandle set, const char *type, const char *name) {
  OfxPropertySetHandle made = NULL;
  params->paramDefine(set, type, name, &made);
  props->propSetString(made, kOfxPropLabel, 0, name);
  return made;
}

static OfxStatus overlay_main(const char *action, const void *handle, OfxPropertySetHandle in, OfxPropertySetHandle out);

static OfxStatus describe(OfxImageEffectHandle effect, const char *label) {
  OfxPropertySetHandle set = properties_of(effect);
  const char *depths[] = {kOfxBitDepthFloat, kOfxBitDepthHalf, kOfxBitDepthShort, kOfxBitDepthByte};
  const char *contexts[] = {kOfxImageEffectContextFilter, kOfxImageEffectContextGeneral};
  props->propSetString(set, kOfxPropLabel, 0, label);
  props->propSetString(set, kOfxImageEffectPluginPropGrouping, 0, "Test");
  props->propSetStringN(set, kOfxImageEffectPropSupportedPixelDepths, 4, depths);
  props->propSetStringN(set, kOfxImageEffectPropSupportedContexts, 2, contexts);
  props->propSetInt(set, kOfxImageEffectPropTemporalClipAccess, 0, strcmp(label, "Citizen") == 0);
  props->propSetPointer(set, kOfxImageEffectPluginPropOverlayInteractV1, 0, (void *)overlay_main);
  props->propSetPointer(set, kOfxImageEffectPluginPropOverlayInteractV2, 0, (void *)overlay_main);
  return kOfxStatOK;
}

static void define_clip(OfxImageEffectHandle effect, const char *name, int optional) {
  OfxPropertySetHandle set = NULL;
  const char *components[] = {kOfxImageComponentRGBA, kOfxImageComponentAlpha, kOfxImageComponentRGB};
  effects->clipDefine(effect, name, &set);
  props->propSetStringN(set, kOfxImageEffectPropSupportedComponents, 3, components);
  props->propSetInt(set, kOfxImageEffectPropTemporalClipAccess, 0, 1);
  props->propSetInt(set, kOfxImageClipPropOptional, 0, optional);
}

static const char *sins[] = {"none", "leak", "release twice", "write right", "write padding", "write far",
                             "write input", "write param", "leave unfilled", "bad handle", "read value", "image in question",
                             "other time", "bad property", "null everything"};

static OfxStatus describe_in_context(OfxImageEffectHandle effect) {
  OfxParamSetHandle set = NULL;
  OfxPropertySetHandle made;
  define_clip(effect, kOfxImageEffectOutputClipName, 0);
  define_clip(effect, kOfxImageEffectSimpleSourceClipName, 0);
  define_clip(effect, "Matte", 1);
  effects->getParamSet(effect, &set);
  made = define(set, kOfxParamTypeChoice, "sin");
  for (int i = 0; i < (int)(sizeof(sins) / sizeof(sins[0])); i++) props->propSetString(made, kOfxParamPropChoiceOption, i, sins[i]);
  define(set, kOfxParamTypeGroup, "group");
  made = define(set, kOfxParamTypeDouble, "gain");
  props->propSetDouble(made, kOfxParamPropDefault, 0, 1.0);
  props->propSetDouble(made, kOfxParamPropMin, 0, 0.0);
  props->propSetDouble(made, kOfxParamPropMax, 0, 10.0);
  props->propSetString(made, kOfxParamPropParent, 0, "group");
  made = define(set, kOfxParamTypeDouble2D, "position");
  props->propSetString(made, kOfxParamPropDoubleType, 0, kOfxParamDoubleTypeXYAbsolute);
  props->propSetString(made, kOfxParamPropDefaultCoordinateSystem, 0, kOfxParamCoordinatesNormalised);
  props->propSetDouble(made, kOfxParamPropDefault, 0, 0.5);
  props->propSetDouble(made, kOfxParamPropDefault, 1, 0.5);
  define(set, kOfxParamTypeBoolean, "on");
  define(set, kOfxParamTypeInteger, "count");
  define(set, kOfxParamTypeRGB, "colour");
  define(set, kOfxParamTypeString, "note");
  define(set, kOfxParamTypeString, "echo");
  made = define(set, kOfxParamTypeDouble, "measured");
  props->propSetInt(made, kOfxParamPropEvaluateOnChange, 0, 0);
  define(set, kOfxParamTypePushButton, "analyse");
  define(set, kOfxParamTypePushButton, "report");
  define(set, kOfxParamTypePushButton, "complain");
  define(set, kOfxParamTypePushButton, "ask");
  define(set, kOfxParamTypePushButton, "forget");
  define(set, kOfxParamTypePushButton, "bundle");
  return kOfxStatOK;
}

/* One image with what is needed of it. */
typedef struct {
  OfxPropertySetHandle handle;
  char *data;
  int row_bytes;
  OfxRectI bounds;
  int channels;
  const char *depth;
} Image;

static OfxStatus fetch(OfxImageClipHandle from, double time, Image *image) {
  char *components = NULL, *depth = NULL;
  void *data = NULL;
  memset(image, 0, sizeof(*image));
  OfxStatus status = effects->clipGetImage(from, time, NULL, &image->handle);
  if (status != kOfxStatOK || !image->handle) return status ? status : kOfxStatFailed;
  props->propGetPointer(image->handle, kOfxImagePropData, 0, &data);
  props->propGetInt(image->handle, kOfxImagePropRowBytes, 0, &image->row_bytes);
  props->propGetIntN(image->handle, kOfxImagePropBounds, 4, &image->bounds.x1);
  props->propGetString(image->handle, kOfxImageEffectPropComponents, 0, &components);
  props->propGetString(image->handle, kOfxImageEffectPropPixelDepth, 0, &depth);
  image->data = data;
  image->depth = depth;
  image->channels = strcmp(components, kOfxImageComponentRGBA) == 0 ? 4 : strcmp(components, kOfxImageComponentRGB) == 0 ? 3 : 1;
  return kOfxStatOK;
}

static int sample_bytes(const Image *image) {
  return strcmp(image->depth, kOfxBitDepthFloat) == 0 ? 4 : strcmp(image->depth, kOfxBitDepthByte) == 0 ? 1 : 2;
}

static char *address(const Image *image, int x, int y) {
  return image->data + (ptrdiff_t)(y - image->bounds.y1) * image->row_bytes +
         (ptrdiff_t)(x - image->bounds.x1) * image->channels * sample_bytes(image);
}

static int inside(const Image *image, int x, int y) {
  return image->data && x >= image->bounds.x1 && x < image->bounds.x2 && y >= image->bounds.y1 && y < image->bounds.y2;
}

/* Work for one thread: rows of the window, source times gain. Integer depths are copied as they are. */
typedef struct {
  Image source, output;
  OfxRectI window;
  double gain;
} Work;

static void work_rows(unsigned int index, unsigned int count, void *given) {
  Work *work = given;
  int height = work->window.y2 - work->window.y1;
  int from = work->window.y1 + (int)((long)height * index / count), to = work->window.y1 + (int)((long)height * (index + 1) / count);
  int bytes = sample_bytes(&work->output);
  for (int y = from; y < to; y++)
    for (int x = work->window.x1; x < work->window.x2; x++) {
      char *target = address(&work->output, x, y);
      for (int c = 0; c < work->output.channels; c++, target += bytes) {
        if (!inside(&work->source, x, y)) {
          memset(target, 0, bytes);
        } else if (bytes == 4) {
          float value;
          memcpy(&value, address(&work->source, x, y) + 4 * c, 4);
          value = (float)(value * work->gain);
          memcpy(target, &value, 4);
        } else {
          memcpy(target, address(&work->source, x, y) + bytes * c, bytes);
        }
      }
    }
}

static void sin_before(OfxImageEffectHandle effect, const char *sin, double time, Work *work) {
  if (strcmp(sin, "write right") == 0) memset(address(&work->output, work->window.x2, work->window.y1), 0, 1);
  if (strcmp(sin, "write padding") == 0) memset(address(&work->output, work->output.bounds.x2, work->window.y1), 0, 1);
  if (strcmp(sin, "write far") == 0) memset(address(&work->output, work->window.x1, work->output.bounds.y2), 0, 1);
  if (strcmp(sin, "write input") == 0) memset(address(&work->source, work->source.bounds.x1, work->source.bounds.y1), 77, 1);
  if (strcmp(sin, "write param") == 0) params->paramSetValueAtTime(param(effect, "gain"), time, 2.0);
  if (strcmp(sin, "bad handle") == 0) {
    int value;
    props->propGetInt((OfxPropertySetHandle)0x1234, kOfxPropTime, 0, &value);
  }
  if (strcmp(sin, "read value") == 0) {
    double value;
    params->paramGetValue(param(effect, "gain"), &value);
  }
  if (strcmp(sin, "other time") == 0) {
    Image other;
    if (fetch(clip(effect, "Source"), time + 1, &other) == kOfxStatOK) effects->clipReleaseImage(other.handle);
  }
  if (strcmp(sin, "bad property") == 0) props->propSetDouble(properties_of(effect), kOfxImageEffectPropSupportsTiles, 0, 1.0);
  if (strcmp(sin, "null everything") == 0) {
    props->propSetString(properties_of(effect), kOfxPropLabel, 0, NULL);
    props->propGetInt(NULL, NULL, 0, NULL);
    params->paramGetHandle(NULL, NULL, NULL, NULL);
    params->paramGetValueAtTime(NULL, time, NULL);
    params->paramGetValueAtTime(param(effect, "gain"), time, NULL);
    effects->clipGetImage(NULL, time, NULL, NULL);
    effects->clipReleaseImage(NULL);
    memory->memoryFree(NULL);
    threads->multiThread(NULL, 4, NULL);
    messages->message(NULL, NULL, NULL, NULL);
  }
}

static OfxStatus render(OfxImageEffectHandle effect, OfxPropertySetHandle in, int sinner) {
  double time, gain;
  int sin_index = 0, empty = 0;
  unsigned int cpus = 1;
  Work work;
  props->propGetDouble(in, kOfxPropTime, 0, &time);
  props->propGetIntN(in, kOfxImageEffectPropRenderWindow, 4, &work.window.x1);
  params->paramGetValueAtTime(param(effect, "gain"), time, &gain);
  params->paramGetValueAtTime(param(effect, "sin"), time, &sin_index);
  const char *sin = sinner ? sins[sin_index] : "none";
  if (fetch(clip(effect, "Source"), time, &work.source) != kOfxStatOK) return kOfxStatFailed;
  if (fetch(clip(effect, "Output"), time, &work.output) != kOfxStatOK) {
    effects->clipReleaseImage(work.source.handle);
    return kOfxStatFailed;
  }
  work.gain = gain;
  sin_before(effect, sin, time, &work);
  if (strcmp(sin, "leave unfilled") != 0 && !effects->abort(effect)) {
    threads->multiThreadNumCPUs(&cpus);
    threads->multiThread(work_rows, cpus, &work);
  }
  /* The matte, if there is one, is looked at and let go: unconnected clips must do no harm. */
  Image matte;
  empty = fetch(clip(effect, "Matte"), time, &matte) != kOfxStatOK;
  if (!empty) effects->clipReleaseImage(matte.handle);
  if (strcmp(sin, "leak") != 0) effects->clipReleaseImage(work.source.handle);
  effects->clipReleaseImage(work.output.handle);
  if (strcmp(sin, "release twice") == 0) effects->clipReleaseImage(work.output.handle);
  return effects->abort(effect) ? kOfxStatFailed : kOfxStatOK;
}

static void echo(OfxImageEffectHandle effect, const char *text) { params->paramSetValue(param(effect, "echo"), text); }

/* Looks at the first pixel of every frame of the source and keys what it sees. */
static void analyse(OfxImageEffectHandle effect) {
  OfxImageClipHandle source = clip(effect, "Source");
  OfxPropertySetHandle set = NULL;
  OfxParamSetHandle own = NULL;
  double range[2] = {0, 0};
  effects->clipGetPropertySet(source, &set);
  effects->getParamSet(effect, &own);
  props->propGetDoubleN(set, kOfxImageEffectPropFrameRange, 2, range);
  progress->progressStart(effect, "Looking");
  params->paramEditBegin(own, "Analyse");
  for (double time = range[0]; time <= range[1]; time++) {
    Image image;
    float value = 0;
    if (fetch(source, time, &image) != kOfxStatOK) break;
    memcpy(&value, address(&image, 0, 0), 4);
    effects->clipReleaseImage(image.handle);
    params->paramSetValueAtTime(param(effect, "measured"), time, (double)value);
    if (progress->progressUpdate(effect, (time - range[0] + 1) / (range[1] - range[0] + 1)) == kOfxStatReplyNo) break;
  }
  params->paramEditEnd(own);
  progress->progressEnd(effect);
}

/* Says what the parameter suite answers about "gain" and its friends. */
static void report(OfxImageEffectHandle effect) {
  OfxParamHandle gain = param(effect, "gain");
  unsigned int keys = 0;
  int at = -1, after = -1, before = -1, count = 0, on = 0;
  double first = -1, slope = -1, area = -1, x = 0, y = 0, r = 0, g = 0, b = 0, now = 0, bounds[2] = {0, 0};
  char *note = NULL, text[512];
  params->paramGetNumKeys(gain, &keys);
  params->paramGetKeyTime(gain, 0, &first);
  params->paramGetKeyIndex(gain, 10, 0, &at);
  params->paramGetKeyIndex(gain, 10, 1, &after);
  params->paramGetKeyIndex(gain, 10, -1, &before);
  params->paramGetDerivative(gain, 12.0, &slope);
  params->paramGetIntegral(gain, 10.0, 20.0, &area);
  params->paramGetValueAtTime(param(effect, "position"), 0.0, &x, &y);
  params->paramGetValue(param(effect, "colour"), &r, &g, &b);
  params->paramGetValue(param(effect, "count"), &count);
  params->paramGetValue(param(effect, "on"), &on);
  params->paramGetValue(param(effect, "note"), &note);
  timeline->getTime(effect, &now);
  timeline->getTimeBounds(effect, &bounds[0], &bounds[1]);
  snprintf(text, sizeof(text), "keys %u first %g at %d after %d before %d slope %g area %g position %g,%g colour %g,%g,%g count %d on %d note %s time %g of %g..%g",
           keys, first, at, after, before, slope, area, x, y, r, g, b, count, on, note, now, bounds[0], bounds[1]);
  echo(effect, text);
}

/* Memory, mutexes, image memory, threads, parameter copy: all in one push. */
static void bundle(OfxImageEffectHandle effect) {
  void *block = NULL;
  OfxMutexHandle mutex = NULL;
  OfxImageMemoryHandle image = NULL;
  void *pixels = NULL;
  int bad = 0;
  bad += memory->memoryAlloc(effect, 100, &block) != kOfxStatOK;
  memset(block, 1, 100);
  bad += memory->memoryFree(block) != kOfxStatOK;
  bad += threads->mutexCreate(&mutex, 0) != kOfxStatOK;
  bad += threads->mutexLock(mutex) != kOfxStatOK;
  bad += threads->mutexTryLock(mutex) != kOfxStatOK;
  bad += threads->mutexUnLock(mutex) != kOfxStatOK;
  bad += threads->mutexUnLock(mutex) != kOfxStatOK;
  bad += threads->mutexDestroy(mutex) != kOfxStatOK;
  bad += effects->imageMemoryAlloc(effect, 4096, &image) != kOfxStatOK;
  bad += effects->imageMemoryLock(image, &pixels) != kOfxStatOK;
  memset(pixels, 1, 4096);
  bad += effects->imageMemoryUnlock(image) != kOfxStatOK;
  bad += effects->imageMemoryFree(image) != kOfxStatOK;
  bad += threads->multiThreadIsSpawnedThread() != 0;
  bad += params->paramCopy(param(effect, "measured"), param(effect, "gain"), 100.0, NULL) != kOfxStatOK;
  echo(effect, bad ? "bad" : "good");
}

static OfxStatus changed(OfxImageEffectHandle effect, OfxPropertySetHandle in) {
  char *name = NULL, *reason = NULL;
  props->propGetString(in, kOfxPropName, 0, &name);
  props->propGetString(in, kOfxPropChangeReason, 0, &reason);
  if (strcmp(reason, kOfxChangeUserEdited) != 0) return kOfxStatReplyDefault;
  if (strcmp(name, "analyse") == 0) analyse(effect);
  if (strcmp(name, "report") == 0) report(effect);
  if (strcmp(name, "bundle") == 0) bundle(effect);
  if (strcmp(name, "complain") == 0 && messages && messages->setPersistentMessage)
    messages->setPersistentMessage(effect, kOfxMessageError, "id", "%s %d", "broken", 7);
  if (strcmp(name, "ask") == 0) {
    OfxStatus answer = messages->message(effect, kOfxMessageQuestion, NULL, "%s", "really?");
    echo(effect, answer == kOfxStatReplyYes ? "yes" : answer == kOfxStatReplyNo ? "no" : "?");
  }
  if (strcmp(name, "forget") == 0) progress->progressStart(effect, "never ends");
  return kOfxStatOK;
}

static OfxStatus is_identity(OfxImageEffectHandle effect, OfxPropertySetHandle in, OfxPropertySetHandle out, int sinner) {
  double time, gain;
  int sin_index = 0;
  props->propGetDouble(in, kOfxPropTime, 0, &time);
  params->paramGetValueAtTime(param(effect, "sin"), time, &sin_index);
  if (sinner && strcmp(sins[sin_index], "image in question") == 0) {
    Image image;
    if (fetch(clip(effect, "Source"), time, &image) == kOfxStatOK) effects->clipReleaseImage(image.handle);
  }
  params->paramGetValueAtTime(param(effect, "gain"), time, &gain);
  if (sinner || gain != 1.0) return kOfxStatReplyDefault;
  props->propSetString(out, kOfxPropName, 0, kOfxImageEffectSimpleSourceClipName);
  return kOfxStatOK;
}

static OfxStatus frames_needed(OfxPropertySetHandle in, OfxPropertySetHandle out) {
  double time, ranges[4];
  props->propGetDouble(in, kOfxPropTime, 0, &time);
  ranges[0] = ranges[1] = 1;
  ranges[2] = time - 1;
  ranges[3] = time;
  props->propSetDoubleN(out, "OfxImageClipPropFrameRange_Source", 4, ranges);
  return kOfxStatOK;
}

static OfxStatus overlay_draw(OfxImageEffectHandle effect, OfxPropertySetHandle in) {
  OfxDrawContextHandle context = NULL;
  double time;
  OfxPointD cross[2];
  OfxRGBAColourF yellow = {1, 1, 0, 1};
  if (!drawing) return kOfxStatReplyDefault;
  props->propGetPointer(in, kOfxInteractPropDrawContext, 0, (void **)&context);
  props->propGetDouble(in, kOfxPropTime, 0, &time);
  params->paramGetValueAtTime(param(effect, "position"), time, &cross[0].x, &cross[0].y);
  cross[1].x = cross[0].x + 10;
  cross[1].y = cross[0].y;
  drawing->setColour(context, &yellow);
  drawing->setLineWidth(context, 2);
  drawing->draw(context, kOfxDrawPrimitiveLines, cross, 2);
  drawing->drawText(context, "here", cross, kOfxDrawTextAlignmentLeft);
  return kOfxStatOK;
}

static OfxStatus overlay_main(const char *action, const void *handle, OfxPropertySetHandle in, OfxPropertySetHandle out) {
  OfxInteractHandle interact = (OfxInteractHandle)handle;
  OfxImageEffectHandle effect = NULL;
  double pen[2];
  int key = 0;
  if (strcmp(action, kOfxActionDescribe) == 0 || strcmp(action, kOfxActionCreateInstance) == 0) return kOfxStatOK;
  if (!in) return kOfxStatReplyDefault;
  props->propGetPointer(in, kOfxPropEffectInstance, 0, (void **)&effect);
  if (strcmp(action, kOfxInteractActionDraw) == 0) return overlay_draw(effect, in);
  if (strcmp(action, kOfxInteractActionPenDown) == 0) {
    props->propGetDoubleN(in, kOfxInteractPropPenPosition, 2, pen);
    params->paramSetValue(param(effect, "position"), pen[0], pen[1]);
    interacts->interactRedraw(interact);
    return kOfxStatOK;
  }
  if (strcmp(action, kOfxInteractActionKeyDown) == 0) {
    props->propGetInt(in, kOfxPropKeySym, 0, &key);
    if (key != kOfxKey_Delete) return kOfxStatReplyDefault;
    params->paramSetValue(param(effect, "position"), 0.0, 0.0);
    return kOfxStatOK;
  }
  return kOfxStatReplyDefault;
}

static OfxStatus entry(const char *label, const char *action, const void *handle, OfxPropertySetHandle in, OfxPropertySetHandle out) {
  OfxImageEffectHandle effect = (OfxImageEffectHandle)handle;
  int sinner = strcmp(label, "Sinner") == 0;
  if (strcmp(action, kOfxActionLoad) == 0) return load();
  if (strcmp(action, kOfxActionUnload) == 0) return kOfxStatOK;
  if (strcmp(action, kOfxActionDescribe) == 0) return describe(effect, label);
  if (strcmp(action, kOfxImageEffectActionDescribeInContext) == 0) return describe_in_context(effect);
  if (strcmp(action, kOfxActionCreateInstance) == 0) {
    if (strcmp(label, "Writer") == 0) params->paramSetValue(param(effect, "gain"), 3.0);
    return kOfxStatOK;
  }
  if (strcmp(action, kOfxActionDestroyInstance) == 0) return kOfxStatOK;
  if (strcmp(action, kOfxActionInstanceChanged) == 0) return changed(effect, in);
  if (strcmp(action, kOfxImageEffectActionIsIdentity) == 0) return is_identity(effect, in, out, sinner);
  if (strcmp(action, kOfxImageEffectActionGetFramesNeeded) == 0) return frames_needed(in, out);
  if (strcmp(action, kOfxImageEffectActionRender) == 0) return render(effect, in, sinner);
  return kOfxStatReplyDefault;
}

static OfxStatus citizen_main(const char *action, const void *handle, OfxPropertySetHandle in, OfxPropertySetHandle out) {
  return entry("Citizen", action, handle, in, out);
}

static OfxStatus sinner_main(const char *action, const void *handle, OfxPropertySetHandle in, OfxPropertySetHandle out) {
  return entry("Sinner", action, handle, in, out);
}

static OfxStatus writer_main(const char *action, const void *handle, OfxPropertySetHandle in, OfxPropertySetHandle out) {
  return entry("Writer", action, handle, in, out);
}

static OfxPlugin plugins[] = {
    {kOfxImageEffectPluginApi, 1, "test.citizen", 1, 2, set_host, citizen_main},
    {kOfxImageEffectPluginApi, 1, "test.sinner", 1, 0, set_host, sinner_main},
    {kOfxImageEffectPluginApi, 1, "test.writer", 1, 0, set_host, writer_main},
};

EXPORT int OfxGetNumberOfPlugins(void) { return (int)(sizeof(plugins) / sizeof(plugins[0])); }

EXPORT OfxPlugin *OfxGetPlugin(int nth) { return &plugins[nth]; }

/* The extension entry point that Bundle::report calls. */
EXPORT size_t TestReport(const char *topic, char *out, size_t capacity) {
  char text[64];
  size_t needed = (size_t)snprintf(text, sizeof(text), "{\"topic\":\"%s\"}", topic);
  if (out && capacity) memcpy(out, text, needed < capacity ? needed : capacity);
  return needed;
}
