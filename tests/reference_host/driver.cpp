// Loads the plugins on OFX_PLUGIN_PATH into the reference C++ host library, takes one of them through its life and
// prints what it found, one fact a line. The host library and the demo host's classes are those of the OpenFX sources.
//
// usage: driver PLUGIN_ID

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

// The library's headers lean on each other in this order.
#include "ofxCore.h"
#include "ofxImageEffect.h"
#include "ofxPixels.h"

#include "ofxhBinary.h"
#include "ofxhPropertySuite.h"
#include "ofxhClip.h"
#include "ofxhParam.h"
#include "ofxhMemory.h"
#include "ofxhImageEffect.h"
#include "ofxhPluginAPICache.h"
#include "ofxhPluginCache.h"
#include "ofxhHost.h"
#include "ofxhImageEffectAPI.h"

#include "hostDemoHostDescriptor.h"
#include "hostDemoEffectInstance.h"
#include "hostDemoClipInstance.h"
#include "hostDemoParamInstance.h"

namespace {

typedef OFX::Host::Param::Descriptor Described;

int intDefault(Described &described) { return described.getProperties().getIntProperty(kOfxParamPropDefault); }

double doubleDefault(Described &described, int index)
{
    return described.getProperties().getDoubleProperty(kOfxParamPropDefault, index);
}

// The demo's parameters answer errors. These hold a value, without keyframes.

template <class Base, class T>
class Held : public Base {
    T value;

public:
    Held(MyHost::MyEffectInstance *effect, const std::string &name, Described &described, T initial)
        : Base(effect, name, described), value(initial)
    {
    }
    OfxStatus get(T &out) { out = value; return kOfxStatOK; }
    OfxStatus get(OfxTime, T &out) { return get(out); }
    OfxStatus set(T in) { value = in; return kOfxStatOK; }
    OfxStatus set(OfxTime, T in) { return set(in); }
};

class HeldPair : public MyHost::MyDouble2DInstance {
    double x, y;

public:
    HeldPair(MyHost::MyEffectInstance *effect, const std::string &name, Described &described)
        : MyDouble2DInstance(effect, name, described), x(doubleDefault(described, 0)), y(doubleDefault(described, 1))
    {
    }
    OfxStatus get(double &outX, double &outY) { outX = x; outY = y; return kOfxStatOK; }
    OfxStatus get(OfxTime, double &outX, double &outY) { return get(outX, outY); }
    OfxStatus set(double inX, double inY) { x = inX; y = inY; return kOfxStatOK; }
    OfxStatus set(OfxTime, double inX, double inY) { return set(inX, inY); }
};

template <class Base>
class HeldText : public Base {
    std::string value;

public:
    HeldText(Described &described, OFX::Host::Param::SetInstance *set)
        : Base(described, set), value(described.getProperties().getStringProperty(kOfxParamPropDefault))
    {
    }
    OfxStatus get(std::string &out) { out = value; return kOfxStatOK; }
    OfxStatus get(OfxTime, std::string &out) { return get(out); }
    OfxStatus set(const char *in) { value = in; return kOfxStatOK; }
    OfxStatus set(OfxTime, const char *in) { return set(in); }
};

// The demo says that every clip is connected; here optional ones are not.
class Clip : public MyHost::MyClipInstance {
public:
    Clip(MyHost::MyEffectInstance *effect, OFX::Host::ImageEffect::ClipDescriptor *described)
        : MyClipInstance(effect, described)
    {
    }
    bool getConnected() const { return !isOptional(); }
};

class Instance : public MyHost::MyEffectInstance {
public:
    Instance(OFX::Host::ImageEffect::ImageEffectPlugin *plugin, OFX::Host::ImageEffect::Descriptor &described,
             const std::string &context)
        : MyEffectInstance(plugin, described, context)
    {
    }

    OFX::Host::ImageEffect::ClipInstance *newClipInstance(OFX::Host::ImageEffect::Instance *,
                                                          OFX::Host::ImageEffect::ClipDescriptor *described, int)
    {
        return new Clip(this, described);
    }

    OFX::Host::Param::Instance *newParam(const std::string &name, Described &described)
    {
        const std::string &type = described.getType();
        if (type == kOfxParamTypeInteger)
            return new Held<MyHost::MyIntegerInstance, int>(this, name, described, intDefault(described));
        if (type == kOfxParamTypeBoolean)
            return new Held<MyHost::MyBooleanInstance, bool>(this, name, described, intDefault(described) != 0);
        if (type == kOfxParamTypeChoice)
            return new Held<MyHost::MyChoiceInstance, int>(this, name, described, intDefault(described));
        if (type == kOfxParamTypeDouble)
            return new Held<MyHost::MyDoubleInstance, double>(this, name, described, doubleDefault(described, 0));
        if (type == kOfxParamTypeDouble2D)
            return new HeldPair(this, name, described);
        if (type == kOfxParamTypeString)
            return new HeldText<OFX::Host::Param::StringInstance>(described, this);
        if (type == kOfxParamTypeCustom)
            return new HeldText<OFX::Host::Param::CustomInstance>(described, this);
        return MyEffectInstance::newParam(name, described);
    }

    OfxStatus vmessage(const char *type, const char *, const char *format, va_list arguments)
    {
        char text[2048];
        vsnprintf(text, sizeof text, format, arguments);
        std::cout << "message " << type << " " << text << std::endl;
        return kOfxStatOK;
    }
};

class Host : public MyHost::Host {
public:
    Host() { _properties.setIntProperty(kOfxImageEffectPropSupportsOverlays, 1); }

    OFX::Host::ImageEffect::Instance *newInstance(void *, OFX::Host::ImageEffect::ImageEffectPlugin *plugin,
                                                  OFX::Host::ImageEffect::Descriptor &described,
                                                  const std::string &context)
    {
        return new Instance(plugin, described, context);
    }
};

const double TIME = 3.0;
const OfxPointD SCALE = {1.0, 1.0};
const OfxRectI WINDOW = {0, 0, 720, 576};

void describe(OFX::Host::ImageEffect::Descriptor &described, const std::string &context)
{
    std::cout << "described " << context << " clips=";
    const std::vector<OFX::Host::ImageEffect::ClipDescriptor *> &clips = described.getClipsByOrder();
    for (size_t i = 0; i < clips.size(); ++i)
        std::cout << (i ? "," : "") << clips[i]->getName();
    std::cout << " parameters=" << described.getParamList().size() << " overlay="
              << (described.getOverlayInteractMainEntry() ? 1 : 0) << std::endl;
}

void ask(OFX::Host::ImageEffect::Instance &instance)
{
    std::cout << "preferences " << (instance.getClipPreferences() ? "ok" : "failed") << std::endl;
    OFX::Host::ImageEffect::ClipInstance *output = instance.getClip(kOfxImageEffectOutputClipName);
    std::cout << "output " << output->getComponents() << " " << output->getPixelDepth() << std::endl;

    OfxRectD region = {0, 0, 0, 0};
    OfxStatus status = instance.getRegionOfDefinitionAction(TIME, SCALE, region);
    std::cout << "definition " << status << " " << region.x1 << " " << region.y1 << " " << region.x2 << " "
              << region.y2 << std::endl;

    std::map<OFX::Host::ImageEffect::ClipInstance *, OfxRectD> regions;
    OfxRectD wanted = {0, 0, 10, 10};
    status = instance.getRegionOfInterestAction(TIME, SCALE, wanted, regions);
    std::cout << "interest " << status;
    typedef std::map<OFX::Host::ImageEffect::ClipInstance *, OfxRectD>::const_iterator Region;
    for (Region it = regions.begin(); it != regions.end(); ++it)
        if (it->first->getName() == kOfxImageEffectSimpleSourceClipName)
            std::cout << " " << it->second.x1 << " " << it->second.y1 << " " << it->second.x2 << " " << it->second.y2;
    std::cout << std::endl;

    OFX::Host::ImageEffect::RangeMap frames;
    std::cout << "frames " << instance.getFrameNeededAction(TIME, frames) << std::endl;

    OfxTime time = TIME;
    std::string clip;
    std::cout << "identity " << instance.isIdentityAction(time, kOfxImageFieldNone, WINDOW, SCALE, clip) << std::endl;
}

void render(OFX::Host::ImageEffect::Instance &instance)
{
    std::cout << "begin " << instance.beginRenderAction(TIME, TIME, 1.0, false, SCALE, true, false) << std::endl;
    // First rendered, then told: the plugin may say something in between.
    const OfxStatus status = instance.renderAction(TIME, kOfxImageFieldNone, WINDOW, SCALE, true, false, false);
    std::cout << "render " << status
              << std::endl;
    std::cout << "end " << instance.endRenderAction(TIME, TIME, 1.0, false, SCALE, true, false) << std::endl;
    std::cout << "purge " << instance.purgeCachesAction() << std::endl;
    std::cout << "sync " << instance.syncPrivateDataAction() << std::endl;
}

bool live(OFX::Host::ImageEffect::ImageEffectPlugin &plugin, const std::string &context)
{
    OFX::Host::ImageEffect::Descriptor *described = plugin.getContext(context);
    if (!described) {
        std::cout << "refused " << context << std::endl;
        return false;
    }
    describe(*described, context);
    OFX::Host::ImageEffect::Instance *instance = plugin.createInstance(context, 0);
    if (!instance) {
        std::cout << "uninstantiated " << context << std::endl;
        return false;
    }
    std::cout << "create " << instance->createInstanceAction() << std::endl;
    ask(*instance);
    render(*instance);
    delete instance;
    std::cout << "destroyed " << context << std::endl;
    return true;
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 2) {
        std::cerr << "usage: driver PLUGIN_ID" << std::endl;
        return 2;
    }
    Host host;
    OFX::Host::PluginCache &cache = *OFX::Host::PluginCache::getPluginCache();
    cache.setCacheVersion("reference");
    {
        OFX::Host::ImageEffect::PluginCache effects(host);
        effects.registerInCache(cache);
        cache.scanPluginFiles();
        const std::vector<OFX::Host::ImageEffect::ImageEffectPlugin *> &found = effects.getPlugins();
        for (size_t i = 0; i < found.size(); ++i)
            std::cout << "found " << found[i]->getRawIdentifier() << " " << found[i]->getVersionMajor() << "."
                      << found[i]->getVersionMinor() << " " << found[i]->getDescriptor().getLabel() << std::endl;
        OFX::Host::ImageEffect::ImageEffectPlugin *plugin = effects.getPluginById(arguments[1]);
        if (!plugin) {
            std::cout << "missing " << arguments[1] << std::endl;
            return 1;
        }
        const std::set<std::string> contexts = plugin->getContexts();
        for (std::set<std::string>::const_iterator it = contexts.begin(); it != contexts.end(); ++it)
            if (*it == kOfxImageEffectContextFilter || *it == kOfxImageEffectContextGeneral)
                if (!live(*plugin, *it))
                    return 1;
        OFX::Host::PluginCache::clearPluginCache();
    }
    std::cout << "unloaded" << std::endl;
    return 0;
}
