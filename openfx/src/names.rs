//! Every OpenFX name this crate uses, as C strings.
//!
//! Names that the bindings know are taken from there and never typed by hand: some differ from their macro.
//! The few that came after the bindings' 1.5 snapshot, and host extensions, are at the end.

use std::ffi::CStr;

/// A C string from one of the bindings' NUL-terminated byte arrays; checked at compile time when used in a constant.
pub(crate) const fn c_name(bytes: &'static [u8]) -> &'static CStr {
    match CStr::from_bytes_with_nul(bytes) {
        Ok(name) => name,
        Err(_) => panic!("an OpenFX name ends with a NUL and has no other"),
    }
}

macro_rules! names {
    ($($name:ident = $macro_name:ident;)*) => {
        $(pub(crate) const $name: &CStr = c_name(openfx_sys::$macro_name);)*
    };
}

names! {
    // Suites.
    PROPERTY_SUITE = kOfxPropertySuite;
    IMAGE_EFFECT_SUITE = kOfxImageEffectSuite;
    PARAMETER_SUITE = kOfxParameterSuite;
    MESSAGE_SUITE = kOfxMessageSuite;
    PROGRESS_SUITE = kOfxProgressSuite;
    MULTI_THREAD_SUITE = kOfxMultiThreadSuite;
    TIME_LINE_SUITE = kOfxTimeLineSuite;
    INTERACT_SUITE = kOfxInteractSuite;
    DRAW_SUITE = kOfxDrawSuite;

    // Actions.
    ACTION_LOAD = kOfxActionLoad;
    ACTION_UNLOAD = kOfxActionUnload;
    ACTION_DESCRIBE = kOfxActionDescribe;
    ACTION_DESCRIBE_IN_CONTEXT = kOfxImageEffectActionDescribeInContext;
    ACTION_CREATE_INSTANCE = kOfxActionCreateInstance;
    ACTION_DESTROY_INSTANCE = kOfxActionDestroyInstance;
    ACTION_BEGIN_INSTANCE_CHANGED = kOfxActionBeginInstanceChanged;
    ACTION_INSTANCE_CHANGED = kOfxActionInstanceChanged;
    ACTION_END_INSTANCE_CHANGED = kOfxActionEndInstanceChanged;
    ACTION_BEGIN_INSTANCE_EDIT = kOfxActionBeginInstanceEdit;
    ACTION_END_INSTANCE_EDIT = kOfxActionEndInstanceEdit;
    ACTION_SYNC_PRIVATE_DATA = kOfxActionSyncPrivateData;
    ACTION_PURGE_CACHES = kOfxActionPurgeCaches;
    ACTION_REGION_OF_DEFINITION = kOfxImageEffectActionGetRegionOfDefinition;
    ACTION_REGIONS_OF_INTEREST = kOfxImageEffectActionGetRegionsOfInterest;
    ACTION_FRAMES_NEEDED = kOfxImageEffectActionGetFramesNeeded;
    ACTION_CLIP_PREFERENCES = kOfxImageEffectActionGetClipPreferences;
    ACTION_IS_IDENTITY = kOfxImageEffectActionIsIdentity;
    ACTION_RENDER = kOfxImageEffectActionRender;
    ACTION_BEGIN_SEQUENCE_RENDER = kOfxImageEffectActionBeginSequenceRender;
    ACTION_END_SEQUENCE_RENDER = kOfxImageEffectActionEndSequenceRender;

    // Interact actions.
    INTERACT_DRAW = kOfxInteractActionDraw;
    INTERACT_PEN_MOTION = kOfxInteractActionPenMotion;
    INTERACT_PEN_DOWN = kOfxInteractActionPenDown;
    INTERACT_PEN_UP = kOfxInteractActionPenUp;
    INTERACT_KEY_DOWN = kOfxInteractActionKeyDown;
    INTERACT_KEY_UP = kOfxInteractActionKeyUp;
    INTERACT_KEY_REPEAT = kOfxInteractActionKeyRepeat;
    INTERACT_GAIN_FOCUS = kOfxInteractActionGainFocus;
    INTERACT_LOSE_FOCUS = kOfxInteractActionLoseFocus;

    // Properties of everything.
    API_VERSION = kOfxPropAPIVersion;
    TIME = kOfxPropTime;
    IS_INTERACTIVE = kOfxPropIsInteractive;
    INSTANCE_DATA = kOfxPropInstanceData;
    TYPE = kOfxPropType;
    NAME = kOfxPropName;
    VERSION = kOfxPropVersion;
    VERSION_LABEL = kOfxPropVersionLabel;
    LABEL = kOfxPropLabel;
    SHORT_LABEL = kOfxPropShortLabel;
    LONG_LABEL = kOfxPropLongLabel;
    PLUGIN_DESCRIPTION = kOfxPropPluginDescription;
    CHANGE_REASON = kOfxPropChangeReason;
    CHANGE_PLUGIN_EDITED = kOfxChangePluginEdited;
    CHANGE_TIME = kOfxChangeTime;
    EFFECT_INSTANCE = kOfxPropEffectInstance;
    TYPE_CLIP = kOfxTypeClip;
    KEY_SYMBOL = kOfxPropKeySym;
    KEY_STRING = kOfxPropKeyString;

    // Properties of the host.
    HOST_IS_BACKGROUND = kOfxImageEffectHostPropIsBackground;
    HOST_STRING_ANIMATION = kOfxParamHostPropSupportsStringAnimation;
    HOST_BOOLEAN_ANIMATION = kOfxParamHostPropSupportsBooleanAnimation;
    HOST_CHOICE_ANIMATION = kOfxParamHostPropSupportsChoiceAnimation;
    HOST_MAX_PAGES = kOfxParamHostPropMaxPages;
    SUPPORTS_OVERLAYS = kOfxImageEffectPropSupportsOverlays;

    // Properties of effects.
    PLUGIN_API = kOfxImageEffectPluginApi;
    CONTEXT = kOfxImageEffectPropContext;
    CONTEXT_FILTER = kOfxImageEffectContextFilter;
    CONTEXT_GENERAL = kOfxImageEffectContextGeneral;
    SUPPORTED_CONTEXTS = kOfxImageEffectPropSupportedContexts;
    SUPPORTED_DEPTHS = kOfxImageEffectPropSupportedPixelDepths;
    SUPPORTED_COMPONENTS = kOfxImageEffectPropSupportedComponents;
    SUPPORTS_TILES = kOfxImageEffectPropSupportsTiles;
    SUPPORTS_MULTI_RESOLUTION = kOfxImageEffectPropSupportsMultiResolution;
    SUPPORTS_CLIP_DEPTHS = kOfxImageEffectPropSupportsMultipleClipDepths;
    SUPPORTS_CLIP_PARS = kOfxImageEffectPropSupportsMultipleClipPARs;
    TEMPORAL_CLIP_ACCESS = kOfxImageEffectPropTemporalClipAccess;
    GROUPING = kOfxImageEffectPluginPropGrouping;
    SINGLE_INSTANCE = kOfxImageEffectPluginPropSingleInstance;
    THREAD_SAFETY = kOfxImageEffectPluginRenderThreadSafety;
    RENDER_UNSAFE = kOfxImageEffectRenderUnsafe;
    RENDER_INSTANCE_SAFE = kOfxImageEffectRenderInstanceSafe;
    RENDER_FULLY_SAFE = kOfxImageEffectRenderFullySafe;
    HOST_FRAME_THREADING = kOfxImageEffectPluginPropHostFrameThreading;
    SEQUENTIAL_RENDER = kOfxImageEffectInstancePropSequentialRender;
    FIELD_RENDER_TWICE = kOfxImageEffectPluginPropFieldRenderTwiceAlways;
    OVERLAY_V1 = kOfxImageEffectPluginPropOverlayInteractV1;
    OVERLAY_V2 = kOfxImageEffectPluginPropOverlayInteractV2;
    SLAVE_TO_PARAMETER = kOfxInteractPropSlaveToParam;
    PREFERENCES_SLAVE = kOfxImageEffectPropClipPreferencesSlaveParam;

    // Properties of actions on instances.
    RENDER_WINDOW = kOfxImageEffectPropRenderWindow;
    RENDER_SCALE = kOfxImageEffectPropRenderScale;
    FIELD_TO_RENDER = kOfxImageEffectPropFieldToRender;
    SEQUENTIAL_STATUS = kOfxImageEffectPropSequentialRenderStatus;
    INTERACTIVE_STATUS = kOfxImageEffectPropInteractiveRenderStatus;
    RENDER_DRAFT = kOfxImageEffectPropRenderQualityDraft;
    REGION_OF_DEFINITION = kOfxImageEffectPropRegionOfDefinition;
    FRAME_RANGE = kOfxImageEffectPropFrameRange;
    FRAME_STEP = kOfxImageEffectPropFrameStep;
    FRAME_RATE = kOfxImageEffectPropFrameRate;
    FRAME_VARYING = kOfxImageEffectFrameVarying;
    PROJECT_SIZE = kOfxImageEffectPropProjectSize;
    PROJECT_OFFSET = kOfxImageEffectPropProjectOffset;
    PROJECT_PIXEL_ASPECT = kOfxImageEffectPropProjectPixelAspectRatio;

    // Properties of clips and images.
    CLIP_CONNECTED = kOfxImageClipPropConnected;
    CLIP_OPTIONAL = kOfxImageClipPropOptional;
    CLIP_IS_MASK = kOfxImageClipPropIsMask;
    CLIP_UNMAPPED_DEPTH = kOfxImageClipPropUnmappedPixelDepth;
    CLIP_UNMAPPED_COMPONENTS = kOfxImageClipPropUnmappedComponents;
    CLIP_CONTINUOUS_SAMPLES = kOfxImageClipPropContinuousSamples;
    CLIP_FIELD_ORDER = kOfxImageClipPropFieldOrder;
    PIXEL_DEPTH = kOfxImageEffectPropPixelDepth;
    COMPONENTS = kOfxImageEffectPropComponents;
    PREMULTIPLICATION = kOfxImageEffectPropPreMultiplication;
    PREMULTIPLIED = kOfxImagePreMultiplied;
    UNPREMULTIPLIED = kOfxImageUnPreMultiplied;
    OPAQUE = kOfxImageOpaque;
    IMAGE_DATA = kOfxImagePropData;
    IMAGE_BOUNDS = kOfxImagePropBounds;
    IMAGE_REGION_OF_DEFINITION = kOfxImagePropRegionOfDefinition;
    IMAGE_ROW_BYTES = kOfxImagePropRowBytes;
    IMAGE_PIXEL_ASPECT = kOfxImagePropPixelAspectRatio;
    IMAGE_FIELD = kOfxImagePropField;
    IMAGE_UNIQUE_IDENTIFIER = kOfxImagePropUniqueIdentifier;
    DEPTH_BYTE = kOfxBitDepthByte;
    DEPTH_SHORT = kOfxBitDepthShort;
    DEPTH_HALF = kOfxBitDepthHalf;
    DEPTH_FLOAT = kOfxBitDepthFloat;
    COMPONENT_RGBA = kOfxImageComponentRGBA;
    COMPONENT_RGB = kOfxImageComponentRGB;
    COMPONENT_ALPHA = kOfxImageComponentAlpha;
    FIELD_BOTH = kOfxImageFieldBoth;
    FIELD_LOWER = kOfxImageFieldLower;
    FIELD_UPPER = kOfxImageFieldUpper;

    // Parameters.
    TYPE_BOOLEAN = kOfxParamTypeBoolean;
    TYPE_INTEGER = kOfxParamTypeInteger;
    TYPE_CHOICE = kOfxParamTypeChoice;
    TYPE_DOUBLE = kOfxParamTypeDouble;
    TYPE_DOUBLE_2D = kOfxParamTypeDouble2D;
    TYPE_STRING = kOfxParamTypeString;
    TYPE_CUSTOM = kOfxParamTypeCustom;
    TYPE_PUSH_BUTTON = kOfxParamTypePushButton;
    TYPE_GROUP = kOfxParamTypeGroup;
    TYPE_PAGE = kOfxParamTypePage;
    PARAM_DEFAULT = kOfxParamPropDefault;
    PARAM_MIN = kOfxParamPropMin;
    PARAM_MAX = kOfxParamPropMax;
    PARAM_DISPLAY_MIN = kOfxParamPropDisplayMin;
    PARAM_DISPLAY_MAX = kOfxParamPropDisplayMax;
    PARAM_INCREMENT = kOfxParamPropIncrement;
    PARAM_DIGITS = kOfxParamPropDigits;
    PARAM_ANIMATES = kOfxParamPropAnimates;
    PARAM_IS_ANIMATING = kOfxParamPropIsAnimating;
    PARAM_IS_AUTO_KEYING = kOfxParamPropIsAutoKeying;
    PARAM_HINT = kOfxParamPropHint;
    PARAM_PARENT = kOfxParamPropParent;
    PARAM_SCRIPT_NAME = kOfxParamPropScriptName;
    PARAM_EVALUATE_ON_CHANGE = kOfxParamPropEvaluateOnChange;
    PARAM_CACHE_INVALIDATION = kOfxParamPropCacheInvalidation;
    INVALIDATE_VALUE_CHANGE = kOfxParamInvalidateValueChange;
    INVALIDATE_ALL = kOfxParamInvalidateAll;
    PARAM_SECRET = kOfxParamPropSecret;
    PARAM_ENABLED = kOfxParamPropEnabled;
    PARAM_PERSISTENT = kOfxParamPropPersistant;
    PARAM_DOUBLE_TYPE = kOfxParamPropDoubleType;
    DOUBLE_PLAIN = kOfxParamDoubleTypePlain;
    DOUBLE_XY_ABSOLUTE = kOfxParamDoubleTypeXYAbsolute;
    PARAM_DEFAULT_COORDINATES = kOfxParamPropDefaultCoordinateSystem;
    COORDINATES_CANONICAL = kOfxParamCoordinatesCanonical;
    PARAM_HAS_HOST_HANDLE = kOfxParamPropHasHostOverlayHandle;
    PARAM_USE_HOST_HANDLE = kOfxParamPropUseHostOverlayHandle;
    PARAM_CHOICE_OPTION = kOfxParamPropChoiceOption;
    PARAM_STRING_MODE = kOfxParamPropStringMode;
    PARAM_STRING_PATH_EXISTS = kOfxParamPropStringFilePathExists;
    STRING_SINGLE_LINE = kOfxParamStringIsSingleLine;
    STRING_MULTI_LINE = kOfxParamStringIsMultiLine;
    STRING_FILE_PATH = kOfxParamStringIsFilePath;
    STRING_DIRECTORY_PATH = kOfxParamStringIsDirectoryPath;
    STRING_LABEL = kOfxParamStringIsLabel;
    PARAM_GROUP_OPEN = kOfxParamPropGroupOpen;
    PARAM_PAGE_CHILD = kOfxParamPropPageChild;

    // Messages.
    MESSAGE_ERROR = kOfxMessageError;
    MESSAGE_WARNING = kOfxMessageWarning;
    MESSAGE_MESSAGE = kOfxMessageMessage;
    MESSAGE_LOG = kOfxMessageLog;
    MESSAGE_QUESTION = kOfxMessageQuestion;

    // Interacts.
    INTERACT_PIXEL_SCALE = kOfxInteractPropPixelScale;
    INTERACT_BACKGROUND = kOfxInteractPropBackgroundColour;
    INTERACT_SUGGESTED = kOfxInteractPropSuggestedColour;
    INTERACT_VIEWPORT = kOfxInteractPropViewportSize;
    INTERACT_PEN_POSITION = kOfxInteractPropPenPosition;
    INTERACT_PEN_PRESSURE = kOfxInteractPropPenPressure;
    INTERACT_DRAW_CONTEXT = kOfxInteractPropDrawContext;
}

/// OpenFX 1.5.1: whether a render is for a thumbnail ("true" or "false"; some hosts give an int).
pub(crate) const THUMBNAIL_RENDER: &CStr = c"OfxImageEffectPropThumbnailRender";
/// DaVinci Resolve (ofxImageEffectExt.h): 1 on a clip whose images are for a thumbnail. The leading "k" is theirs.
pub(crate) const RESOLVE_CLIP_THUMBNAIL: &CStr = c"kOfxImageClipPropThumbnail";
/// DaVinci Resolve: the page that made the instance, "Edit", "Color" or "Fusion"; on CreateInstance's inArgs.
pub(crate) const RESOLVE_PAGE: &CStr = c"OfxImageEffectPropResolvePage";
/// Answers to GetClipPreferences are named by this prefix and the clip's name (ofxImageEffect.h).
pub(crate) const PREFERENCE_COMPONENTS: &str = "OfxImageClipPropComponents_";
/// As above, for the clip's depth.
pub(crate) const PREFERENCE_DEPTH: &str = "OfxImageClipPropDepth_";
/// As above, for the clip's pixel aspect ratio.
pub(crate) const PREFERENCE_PIXEL_ASPECT: &str = "OfxImageClipPropPAR_";
/// Answers to GetRegionsOfInterest are named by this prefix and the clip's name (ofxImageEffect.h).
pub(crate) const CLIP_REGION: &str = "OfxImageClipPropRoI_";
/// Answers to GetFramesNeeded are named by this prefix and the clip's name (ofxImageEffect.h).
pub(crate) const CLIP_FRAMES: &str = "OfxImageClipPropFrameRange_";
