//! A host in miniature: property sets, parameters, clips, messages, progress and overlays, just enough to see what the
//! layer does with them.

pub mod c_library;
pub mod effect;
pub mod overlay;
pub mod parameters;
pub mod properties;
mod variadics;

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::{Mutex, MutexGuard};

use openfx_sys as sys;

use effect::Effect;
use parameters::Parameter;
use properties::Set;

pub const OK: c_int = 0;
pub const FAILED: c_int = 1;
pub const REPLY_DEFAULT: c_int = 14;

/// Effects keep their host in a static, so that one test at a time may be a host.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A host with one effect plugged in.
pub struct Host {
    pub properties: &'static Set,
    plugin: &'static sys::OfxPlugin,
    host: &'static sys::OfxHost,
    _turn: MutexGuard<'static, ()>,
}

impl Host {
    /// A host of this name that offers every suite, and the effect with this identifier, not yet loaded.
    pub fn new(name: &CStr, identifier: &CStr) -> Self {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let properties: &'static Set = Box::leak(Box::default());
        properties.text(c"OfxPropName", name);
        properties.ints(c"OfxPropAPIVersion", [1, 4]);
        properties.ints(c"OfxImageEffectPropSupportsOverlays", [1]);
        properties.ints(c"OfxParamHostPropSupportsBooleanAnimation", [1]);
        properties.ints(c"fake.message", [2]);
        let host: &'static sys::OfxHost =
            Box::leak(Box::new(sys::OfxHost { host: properties.handle(), fetchSuite: Some(fetch_suite) }));
        Self { properties, plugin: plugin(identifier), host, _turn: turn }
    }

    /// A standard host with the effect loaded.
    pub fn loaded(identifier: &CStr) -> Self {
        let host = Self::new(c"org.example.host", identifier);
        host.load();
        host
    }

    pub fn load(&self) {
        self.introduce();
        assert_eq!(self.act(c"OfxActionLoad", ptr::null(), None, None), OK);
    }

    /// setHost, without Load.
    pub fn introduce(&self) {
        // SAFETY: the host structure is leaked.
        unsafe { self.plugin.setHost.unwrap()(ptr::from_ref(self.host).cast_mut()) };
    }

    pub fn act(&self, action: &CStr, handle: *const c_void, arguments: Option<&Set>, answers: Option<&Set>) -> c_int {
        let set = |set: Option<&Set>| set.map_or(ptr::null_mut(), Set::handle);
        // SAFETY: the arguments are as the API has them.
        unsafe { self.plugin.mainEntry.unwrap()(action.as_ptr(), handle, set(arguments), set(answers)) }
    }

    /// A descriptor, described in the Filter or the General context.
    pub fn describe(&self, context: &CStr) -> &'static Effect {
        let descriptor: &'static Effect = Box::leak(Box::default());
        self.describe_into(descriptor, context);
        descriptor
    }

    pub fn describe_into(&self, descriptor: &Effect, context: &CStr) {
        assert_eq!(self.act(c"OfxActionDescribe", descriptor.handle(), None, None), OK);
        let arguments = Set::default();
        arguments.text(c"OfxImageEffectPropContext", context);
        let action = c"OfxImageEffectActionDescribeInContext";
        assert_eq!(self.act(action, descriptor.handle(), Some(&arguments), None), OK);
    }

    /// An instance, made from a description as hosts do it.
    pub fn instance(&self) -> &'static Effect {
        let instance = self.instance_before_creation();
        assert_eq!(self.act(c"OfxActionCreateInstance", instance.handle(), None, None), OK);
        instance
    }

    /// All that an instance has, before the plugin hears of it.
    pub fn instance_before_creation(&self) -> &'static Effect {
        let descriptor = self.describe(c"OfxImageEffectContextGeneral");
        let instance: &'static Effect = Box::leak(Box::default());
        instance.properties.text(c"OfxImageEffectPropContext", c"OfxImageEffectContextGeneral");
        for described in descriptor.parameters() {
            let kind = CString::new(described.kind.clone()).unwrap();
            let parameter = Parameter::new(&kind, &described.name);
            *parameter.value.lock().unwrap() = default_of(described);
            instance.add_parameter(parameter);
        }
        for described in descriptor.clips() {
            instance.add_clip(&described.name).properties.ints(c"OfxImageClipPropConnected", [0]);
        }
        instance
    }

    pub fn destroy(&self, instance: &Effect) {
        assert_eq!(self.act(c"OfxActionDestroyInstance", instance.handle(), None, None), OK);
    }

    /// Render with a window of 1 x 1 or as given.
    pub fn render(&self, instance: &Effect, window: [i32; 4]) -> c_int {
        let arguments = Set::default();
        arguments.doubles(c"OfxPropTime", [1.0]);
        arguments.ints(c"OfxImageEffectPropRenderWindow", window);
        arguments.doubles(c"OfxImageEffectPropRenderScale", [1.0, 1.0]);
        self.act(c"OfxImageEffectActionRender", instance.handle(), Some(&arguments), None)
    }

    /// InstanceChanged of a parameter by the user.
    pub fn user_changed(&self, instance: &Effect, parameter: &CStr) -> c_int {
        let arguments = Set::default();
        arguments.text(c"OfxPropChangeReason", c"OfxChangeUserEdited");
        arguments.text(c"OfxPropType", c"OfxTypeParameter");
        arguments.text(c"OfxPropName", parameter);
        arguments.doubles(c"OfxPropTime", [1.0]);
        self.act(c"OfxActionInstanceChanged", instance.handle(), Some(&arguments), None)
    }
}

fn default_of(described: &Parameter) -> parameters::Held {
    use parameters::Held;
    use properties::Value;
    match &described.properties.get(c"OfxParamPropDefault")[..] {
        [Value::Int(value)] => Held::Int(*value),
        [Value::Double(value)] => Held::Double(*value, 0.0),
        [Value::Double(x), Value::Double(y)] => Held::Double(*x, *y),
        [Value::Text(text)] => Held::Text(text.clone()),
        _ => Held::Int(0),
    }
}

fn plugin(identifier: &CStr) -> &'static sys::OfxPlugin {
    let count = crate::effects::OfxGetNumberOfPlugins();
    (0..count)
        .map(|index| {
            let plugin: *const sys::OfxPlugin = crate::effects::OfxGetPlugin(index).cast();
            // SAFETY: every index below the count has a static structure.
            unsafe { &*plugin }
        })
        // SAFETY: identifiers are static C strings.
        .find(|plugin| unsafe { CStr::from_ptr(plugin.pluginIdentifier) } == identifier)
        .unwrap()
}

unsafe extern "C" fn fetch_suite(
    host: sys::OfxPropertySetHandle,
    name: *const c_char,
    version: c_int,
) -> *const c_void {
    // SAFETY: our own host handle and a C string from the plugin.
    let (host, name) = unsafe { (&*host.cast::<Set>(), CStr::from_ptr(name)) };
    let mut fetched = host.get(c"fake.fetched");
    let line = CString::new(format!("{} {version}", name.to_str().unwrap())).unwrap();
    fetched.push(properties::Value::Text(line));
    host.put(c"fake.fetched", fetched);
    suite(host, name.to_str().unwrap(), version).unwrap_or(ptr::null())
}

/// Which message suites there are is told by the host's property "fake.message": 2 and 1, 1 only, 0 none, -2 for
/// version 2 with null members (Resolve 14). "fake.draw" adds the draw suite.
fn suite(host: &Set, name: &str, version: c_int) -> Option<*const c_void> {
    let messages = host.get_int(c"fake.message").unwrap_or(0);
    Some(match (name, version) {
        ("OfxPropertySuite", 1) => ptr::from_ref(&properties::SUITE).cast(),
        ("OfxImageEffectSuite", 1) => ptr::from_ref(&effect::SUITE).cast(),
        ("OfxParameterSuite", 1) => leak(parameters::suite()),
        ("OfxMessageSuite", 2) if messages == 2 => leak(sys::OfxMessageSuiteV2 {
            message: Some(variadics::variadics().message),
            setPersistentMessage: Some(variadics::variadics().set_persistent_message),
            clearPersistentMessage: Some(effect::clear_message),
        }),
        ("OfxMessageSuite", 2) if messages == -2 => {
            leak(sys::OfxMessageSuiteV2 { message: None, setPersistentMessage: None, clearPersistentMessage: None })
        }
        ("OfxMessageSuite", 1) if messages > 0 => {
            leak(sys::OfxMessageSuiteV1 { message: Some(variadics::variadics().message) })
        }
        ("OfxProgressSuite", 1) => ptr::from_ref(&overlay::PROGRESS).cast(),
        ("OfxInteractSuite", 1) => ptr::from_ref(&overlay::INTERACT).cast(),
        ("OfxMultiThreadSuite", 1) => ptr::from_ref(&overlay::THREADS).cast(),
        ("OfxDrawSuite", 1) if host.get_int(c"fake.draw").is_some() => ptr::from_ref(&overlay::DRAW).cast(),
        _ => return None,
    })
}

fn leak<T>(suite: T) -> *const c_void {
    ptr::from_ref(Box::leak(Box::new(suite))).cast()
}
